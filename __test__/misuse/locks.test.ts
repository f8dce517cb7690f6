// Locks and their like in every state: what each method gives or throws.
import { Lock, RLock, Semaphore, BoundedSemaphore, Condition, Event, Barrier } from 'manyhands';
import { expectNothingLeft } from '../queue/arena.js';
import { matrix } from './matrix.ts';

expectNothingLeft();

matrix(Lock, {
  states: `
                | free          | held here
    acquire     | true          | false
    guard       | function      | TimeoutError
    run         | 7             | TimeoutError
    acquireSync | true          | false
    guardSync   | function      | TimeoutError
    tryAcquire  | true          | false
    release     | StateError    | -
    locked      | false         | true
    ownerDied   | false         | false
    inspect     | Lock { free } | Lock { here }
  `,
  elsewhere: `
                | held and alive     | held and killed | made and killed
    acquire     | false              | true            | true
    guard       | TimeoutError       | function        | function
    run         | TimeoutError       | 7               | 7
    acquireSync | false              | true            | true
    guardSync   | TimeoutError       | function        | function
    tryAcquire  | false              | true            | true
    release     | StateError         | StateError      | StateError
    locked      | true               | false           | false
    ownerDied   | false              | false           | false
    inspect     | Lock { elsewhere } | Lock { free }   | Lock { free }
  `,
  pending: `
                | an acquire waits
    acquire     | false / waits
    guard       | TimeoutError / waits
    run         | TimeoutError / waits
    acquireSync | false / waits
    guardSync   | TimeoutError / waits
    tryAcquire  | false / waits
    release     | - / true
    locked      | true / waits
    ownerDied   | false / waits
    inspect     | Lock { here } / waits
  `,
});

matrix(RLock, {
  states: `
                | free           | held here
    acquire     | true           | true
    guard       | function       | function
    run         | 7              | 7
    acquireSync | true           | true
    guardSync   | function       | function
    tryAcquire  | true           | true
    release     | StateError     | -
    locked      | false          | true
    ownerDied   | false          | false
    inspect     | RLock { free } | RLock { here }
  `,
  elsewhere: `
                | held and alive      | held and killed | made and killed
    acquire     | false               | true            | true
    guard       | TimeoutError        | function        | function
    run         | TimeoutError        | 7               | 7
    acquireSync | false               | true            | true
    guardSync   | TimeoutError        | function        | function
    tryAcquire  | false               | true            | true
    release     | StateError          | StateError      | StateError
    locked      | true                | false           | false
    ownerDied   | false               | false           | false
    inspect     | RLock { elsewhere } | RLock { free }  | RLock { free }
  `,
  pending: `
                | an acquire waits
    acquire     | true / waits
    guard       | function / waits
    run         | 7 / waits
    acquireSync | true / waits
    guardSync   | function / waits
    tryAcquire  | true / waits
    release     | - / true
    locked      | true / waits
    ownerDied   | false / waits
    inspect     | RLock { here } / waits
  `,
});

matrix(Semaphore, {
  states: `
                | free                   | held here
    acquire     | true                   | false
    guard       | function               | TimeoutError
    run         | 7                      | TimeoutError
    acquireSync | true                   | false
    guardSync   | function               | TimeoutError
    tryAcquire  | true                   | false
    release     | -                      | -
    locked      | false                  | true
    ownerDied   | false                  | false
    inspect     | Semaphore { value: 1 } | Semaphore { value: 0 }
    getValue    | 1                      | 0
  `,
  elsewhere: `
                | held and alive         | held and killed        | made and killed
    acquire     | false                  | true                   | true
    guard       | TimeoutError           | function               | function
    run         | TimeoutError           | 7                      | 7
    acquireSync | false                  | true                   | true
    guardSync   | TimeoutError           | function               | function
    tryAcquire  | false                  | true                   | true
    release     | -                      | -                      | -
    locked      | true                   | false                  | false
    ownerDied   | false                  | false                  | false
    inspect     | Semaphore { value: 0 } | Semaphore { value: 1 } | Semaphore { value: 1 }
    getValue    | 0                      | 1                      | 1
  `,
  pending: `
                | an acquire waits
    acquire     | false / waits
    guard       | TimeoutError / waits
    run         | TimeoutError / waits
    acquireSync | false / waits
    guardSync   | TimeoutError / waits
    tryAcquire  | false / waits
    release     | - / true
    locked      | true / waits
    ownerDied   | false / waits
    inspect     | Semaphore { value: 0 } / waits
    getValue    | 0 / waits
  `,
});

matrix(BoundedSemaphore, {
  states: `
                | free                          | held here
    acquire     | true                          | false
    guard       | function                      | TimeoutError
    run         | 7                             | TimeoutError
    acquireSync | true                          | false
    guardSync   | function                      | TimeoutError
    tryAcquire  | true                          | false
    release     | StateError                    | -
    locked      | false                         | true
    ownerDied   | false                         | false
    inspect     | BoundedSemaphore { value: 1 } | BoundedSemaphore { value: 0 }
    getValue    | 1                             | 0
  `,
  elsewhere: `
                | held and alive                | held and killed               | made and killed
    acquire     | false                         | true                          | true
    guard       | TimeoutError                  | function                      | function
    run         | TimeoutError                  | 7                             | 7
    acquireSync | false                         | true                          | true
    guardSync   | TimeoutError                  | function                      | function
    tryAcquire  | false                         | true                          | true
    release     | -                             | StateError                    | StateError
    locked      | true                          | false                         | false
    ownerDied   | false                         | false                         | false
    inspect     | BoundedSemaphore { value: 0 } | BoundedSemaphore { value: 1 } | BoundedSemaphore { value: 1 }
    getValue    | 0                             | 1                             | 1
  `,
  pending: `
                | an acquire waits
    acquire     | false / waits
    guard       | TimeoutError / waits
    run         | TimeoutError / waits
    acquireSync | false / waits
    guardSync   | TimeoutError / waits
    tryAcquire  | false / waits
    release     | - / true
    locked      | true / waits
    ownerDied   | false / waits
    inspect     | BoundedSemaphore { value: 0 } / waits
    getValue    | 0 / waits
  `,
});

matrix(Condition, {
  states: `
                | free                         | held here
    acquire     | true                         | true
    guard       | function                     | function
    run         | 7                            | 7
    wait        | StateError                   | false
    waitFor     | StateError                   | 0
    acquireSync | true                         | true
    guardSync   | function                     | function
    tryAcquire  | true                         | true
    release     | StateError                   | -
    locked      | false                        | true
    ownerDied   | false                        | false
    inspect     | Condition { RLock { free } } | Condition { RLock { here } }
    waitSync    | StateError                   | false
    waitForSync | StateError                   | 0
    notify      | StateError                   | -
    notifyAll   | StateError                   | -
  `,
  elsewhere: `
                | held and alive                    | held and killed              | made and killed
    acquire     | false                             | true                         | true
    guard       | TimeoutError                      | function                     | function
    run         | TimeoutError                      | 7                            | 7
    wait        | StateError                        | StateError                   | StateError
    waitFor     | StateError                        | StateError                   | StateError
    acquireSync | false                             | true                         | true
    guardSync   | TimeoutError                      | function                     | function
    tryAcquire  | false                             | true                         | true
    release     | StateError                        | StateError                   | StateError
    locked      | true                              | false                        | false
    ownerDied   | false                             | false                        | false
    inspect     | Condition { RLock { elsewhere } } | Condition { RLock { free } } | Condition { RLock { free } }
    waitSync    | StateError                        | StateError                   | StateError
    waitForSync | StateError                        | StateError                   | StateError
    notify      | StateError                        | StateError                   | StateError
    notifyAll   | StateError                        | StateError                   | StateError
  `,
  pending: `
                | a wait waits
    acquire     | true / waits
    guard       | function / waits
    run         | 7 / waits
    wait        | StateError / waits
    waitFor     | StateError / waits
    acquireSync | true / waits
    guardSync   | function / waits
    tryAcquire  | true / waits
    release     | StateError / waits
    locked      | false / waits
    ownerDied   | false / waits
    inspect     | Condition { RLock { free } } / waits
    waitSync    | StateError / waits
    waitForSync | StateError / waits
    notify      | StateError / waits
    notifyAll   | StateError / waits
  `,
});

matrix(Event, {
  states: `
             | unset           | set
    wait     | false           | true
    waitSync | false           | true
    isSet    | false           | true
    set      | -               | -
    clear    | -               | -
    inspect  | Event { unset } | Event { set }
  `,
  elsewhere: `
             | held and alive | held and killed | made and killed
    wait     | true           | true            | false
    waitSync | true           | true            | false
    isSet    | true           | true            | false
    set      | -              | -               | -
    clear    | -              | -               | -
    inspect  | Event { set }  | Event { set }   | Event { unset }
  `,
  pending: `
             | a wait waits
    wait     | false / waits
    waitSync | false / waits
    isSet    | false / waits
    set      | - / true
    clear    | - / waits
    inspect  | Event { unset } / waits
  `,
});

matrix(Barrier, {
  states: `
             | new                | for one            | broken
    wait     | BrokenBarrierError | 0                  | BrokenBarrierError
    waitSync | BrokenBarrierError | 0                  | BrokenBarrierError
    abort    | -                  | -                  | -
    reset    | -                  | -                  | -
    parties  | 2                  | 1                  | 2
    nWaiting | 0                  | 0                  | 0
    broken   | false              | false              | true
    inspect  | Barrier { 0 of 2 } | Barrier { 0 of 1 } | Barrier { broken }
  `,
  elsewhere: `
             | held and alive     | held and killed    | made and killed
    wait     | 1                  | BrokenBarrierError | BrokenBarrierError
    waitSync | 1                  | BrokenBarrierError | BrokenBarrierError
    abort    | -                  | -                  | -
    reset    | -                  | -                  | -
    parties  | 2                  | 2                  | 2
    nWaiting | 1                  | 0                  | 0
    broken   | false              | true               | false
    inspect  | Barrier { 1 of 2 } | Barrier { broken } | Barrier { 0 of 2 }
  `,
  pending: `
             | a wait waits
    wait     | 1 / 0
    waitSync | 1 / 0
    abort    | - / BrokenBarrierError
    reset    | - / BrokenBarrierError
    parties  | 2 / waits
    nWaiting | 1 / waits
    broken   | false / waits
    inspect  | Barrier { 1 of 2 } / waits
  `,
});
