// Whether this environment is a worker of ours; set by the worker's entry before anything else is loaded.

let worker = false;

export function becomeWorker(): void {
  worker = true;
}

export function isWorker(): boolean {
  return worker;
}
