// The start methods, each with the function that starts a child its way.
import type { StartMethod } from '../../start-method.js';
import { launchProcess } from './launch-process.js';
import { launchThread } from './launch-thread.js';
import type { Launch } from './launch.js';

export const LAUNCHERS: Readonly<Record<StartMethod, Launch>> = { spawn: launchProcess, thread: launchThread };
