// Queues and connections in every state: what each method gives or throws.
import { Connection, JoinableQueue, Queue, SimpleQueue } from 'manyhands';
import { expectNothingLeft } from '../queue/arena.js';
import { matrix } from './matrix.ts';

expectNothingLeft();

matrix(Queue, {
  states: `
                     | with an item       | empty              | full               | shut down          | shut down, empty   | closed
    put              | -                  | -                  | QueueFullError     | QueueShutDownError | QueueShutDownError | StateError
    get              | 1                  | QueueEmptyError    | 1                  | 1                  | QueueShutDownError | StateError
    joinThread       | StateError         | StateError         | StateError         | StateError         | StateError         | -
    wait             | 1                  | 0                  | 1                  | 1                  | 1                  | StateError
    next             | 1                  | waits              | 1                  | 1                  | end                | StateError
    putSync          | -                  | -                  | QueueFullError     | QueueShutDownError | QueueShutDownError | StateError
    putNowait        | -                  | -                  | QueueFullError     | QueueShutDownError | QueueShutDownError | StateError
    getSync          | 1                  | QueueEmptyError    | 1                  | 1                  | QueueShutDownError | StateError
    getNowait        | 1                  | QueueEmptyError    | 1                  | 1                  | QueueShutDownError | StateError
    qsize            | 1                  | 0                  | 1                  | 1                  | 0                  | StateError
    empty            | false              | true               | false              | false              | true               | StateError
    full             | false              | false              | true               | false              | false              | StateError
    shutdown         | -                  | -                  | -                  | -                  | -                  | StateError
    close            | -                  | -                  | -                  | -                  | -                  | -
    cancelJoinThread | -                  | -                  | -                  | -                  | -                  | -
    dispose          | -                  | -                  | -                  | -                  | -                  | -
    inspect          | Queue { qsize: 1 } | Queue { qsize: 0 } | Queue { qsize: 1 } | Queue { qsize: 1 } | Queue { qsize: 0 } | Queue { closed }
  `,
  elsewhere: `
                     | held and alive     | held and killed    | made and killed
    put              | -                  | -                  | -
    get              | 1                  | 1                  | QueueEmptyError
    joinThread       | StateError         | StateError         | StateError
    wait             | 1                  | 1                  | 0
    next             | 1                  | 1                  | waits
    putSync          | -                  | -                  | -
    putNowait        | -                  | -                  | -
    getSync          | 1                  | 1                  | QueueEmptyError
    getNowait        | 1                  | 1                  | QueueEmptyError
    qsize            | 1                  | 1                  | 0
    empty            | false              | false              | true
    full             | false              | false              | false
    shutdown         | -                  | -                  | -
    close            | -                  | -                  | -
    cancelJoinThread | -                  | -                  | -
    dispose          | -                  | -                  | -
    inspect          | Queue { qsize: 1 } | Queue { qsize: 1 } | Queue { qsize: 0 }
  `,
  pending: `
                     | a get waits                | a put waits                | an iteration waits
    put              | - / 2                      | QueueFullError / waits     | - / 2
    get              | QueueEmptyError / waits    | 1 / -                      | QueueEmptyError / waits
    joinThread       | StateError / waits         | StateError / waits         | StateError / waits
    wait             | 0 / waits                  | 1 / waits                  | 0 / waits
    next             | waits / waits              | 1 / -                      | waits / waits
    putSync          | - / 2                      | QueueFullError / waits     | - / 2
    putNowait        | - / 2                      | QueueFullError / waits     | - / 2
    getSync          | QueueEmptyError / waits    | 1 / -                      | QueueEmptyError / waits
    getNowait        | QueueEmptyError / waits    | 1 / -                      | QueueEmptyError / waits
    qsize            | 0 / waits                  | 1 / waits                  | 0 / waits
    empty            | true / waits               | false / waits              | true / waits
    full             | false / waits              | true / waits               | false / waits
    shutdown         | - / QueueShutDownError     | - / QueueShutDownError     | - / end
    close            | - / StateError             | - / StateError             | - / StateError
    cancelJoinThread | - / waits                  | - / waits                  | - / waits
    dispose          | - / StateError             | - / StateError             | - / StateError
    inspect          | Queue { qsize: 0 } / waits | Queue { qsize: 1 } / waits | Queue { qsize: 0 } / waits
  `,
});

matrix(JoinableQueue, {
  states: `
                     | with an item               | empty                      | full                       | one taken                  | all done                   | shut down                  | discarded                  | closed
    put              | -                          | -                          | QueueFullError             | -                          | -                          | QueueShutDownError         | QueueShutDownError         | StateError
    get              | 1                          | QueueEmptyError            | 1                          | 2                          | QueueEmptyError            | 1                          | QueueShutDownError         | StateError
    joinThread       | StateError                 | StateError                 | StateError                 | StateError                 | StateError                 | StateError                 | StateError                 | -
    wait             | 1                          | 0                          | 1                          | 1                          | 0                          | 1                          | 1                          | StateError
    join             | TimeoutError               | -                          | TimeoutError               | TimeoutError               | -                          | TimeoutError               | TimeoutError               | StateError
    next             | 1                          | waits                      | 1                          | 2                          | waits                      | 1                          | end                        | StateError
    putSync          | -                          | -                          | QueueFullError             | -                          | -                          | QueueShutDownError         | QueueShutDownError         | StateError
    putNowait        | -                          | -                          | QueueFullError             | -                          | -                          | QueueShutDownError         | QueueShutDownError         | StateError
    getSync          | 1                          | QueueEmptyError            | 1                          | 2                          | QueueEmptyError            | 1                          | QueueShutDownError         | StateError
    getNowait        | 1                          | QueueEmptyError            | 1                          | 2                          | QueueEmptyError            | 1                          | QueueShutDownError         | StateError
    qsize            | 1                          | 0                          | 1                          | 1                          | 0                          | 1                          | 0                          | StateError
    empty            | false                      | true                       | false                      | false                      | true                       | false                      | true                       | StateError
    full             | false                      | false                      | true                       | false                      | false                      | false                      | false                      | StateError
    shutdown         | -                          | -                          | -                          | -                          | -                          | -                          | -                          | StateError
    close            | -                          | -                          | -                          | -                          | -                          | -                          | -                          | -
    cancelJoinThread | -                          | -                          | -                          | -                          | -                          | -                          | -                          | -
    dispose          | -                          | -                          | -                          | -                          | -                          | -                          | -                          | -
    inspect          | JoinableQueue { qsize: 1 } | JoinableQueue { qsize: 0 } | JoinableQueue { qsize: 1 } | JoinableQueue { qsize: 1 } | JoinableQueue { qsize: 0 } | JoinableQueue { qsize: 1 } | JoinableQueue { qsize: 0 } | JoinableQueue { closed }
    joinSync         | TimeoutError               | -                          | TimeoutError               | TimeoutError               | -                          | TimeoutError               | TimeoutError               | StateError
    taskDone         | -                          | StateError                 | -                          | -                          | StateError                 | -                          | -                          | StateError
  `,
  elsewhere: `
                     | held and alive             | held and killed            | made and killed
    put              | -                          | -                          | -
    get              | 1                          | 1                          | QueueEmptyError
    joinThread       | StateError                 | StateError                 | StateError
    wait             | 1                          | 1                          | 0
    join             | TimeoutError               | TimeoutError               | -
    next             | 1                          | 1                          | waits
    putSync          | -                          | -                          | -
    putNowait        | -                          | -                          | -
    getSync          | 1                          | 1                          | QueueEmptyError
    getNowait        | 1                          | 1                          | QueueEmptyError
    qsize            | 1                          | 1                          | 0
    empty            | false                      | false                      | true
    full             | false                      | false                      | false
    shutdown         | -                          | -                          | -
    close            | -                          | -                          | -
    cancelJoinThread | -                          | -                          | -
    dispose          | -                          | -                          | -
    inspect          | JoinableQueue { qsize: 1 } | JoinableQueue { qsize: 1 } | JoinableQueue { qsize: 0 }
    joinSync         | TimeoutError               | TimeoutError               | -
    taskDone         | -                          | -                          | StateError
  `,
  pending: `
                     | a get waits                        | a put waits                        | a join waits                       | a join for one taken waits
    put              | - / 2                              | QueueFullError / waits             | - / waits                          | - / waits
    get              | QueueEmptyError / waits            | 1 / -                              | 1 / waits                          | 2 / waits
    joinThread       | StateError / waits                 | StateError / waits                 | StateError / waits                 | StateError / waits
    wait             | 0 / waits                          | 1 / waits                          | 1 / waits                          | 1 / waits
    join             | - / waits                          | TimeoutError / waits               | TimeoutError / waits               | TimeoutError / waits
    next             | waits / waits                      | 1 / -                              | 1 / waits                          | 2 / waits
    putSync          | - / 2                              | QueueFullError / waits             | - / waits                          | - / waits
    putNowait        | - / 2                              | QueueFullError / waits             | - / waits                          | - / waits
    getSync          | QueueEmptyError / waits            | 1 / -                              | 1 / waits                          | 2 / waits
    getNowait        | QueueEmptyError / waits            | 1 / -                              | 1 / waits                          | 2 / waits
    qsize            | 0 / waits                          | 1 / waits                          | 1 / waits                          | 1 / waits
    empty            | true / waits                       | false / waits                      | false / waits                      | false / waits
    full             | false / waits                      | true / waits                       | false / waits                      | false / waits
    shutdown         | - / QueueShutDownError             | - / QueueShutDownError             | - / waits                          | - / waits
    close            | - / StateError                     | - / StateError                     | - / StateError                     | - / StateError
    cancelJoinThread | - / waits                          | - / waits                          | - / waits                          | - / waits
    dispose          | - / StateError                     | - / StateError                     | - / StateError                     | - / StateError
    inspect          | JoinableQueue { qsize: 0 } / waits | JoinableQueue { qsize: 1 } / waits | JoinableQueue { qsize: 1 } / waits | JoinableQueue { qsize: 1 } / waits
    joinSync         | - / waits                          | TimeoutError / waits               | TimeoutError / waits               | TimeoutError / waits
    taskDone         | StateError / waits                 | - / waits                          | - / -                              | - / waits
  `,
});

matrix(SimpleQueue, {
  states: `
            | with an item             | empty                    | closed
    put     | -                        | -                        | StateError
    wait    | 1                        | 0                        | StateError
    get     | 1                        | waits                    | StateError
    putSync | -                        | -                        | StateError
    getSync | 1                        | blocks                   | StateError
    empty   | false                    | true                     | StateError
    close   | -                        | -                        | -
    dispose | -                        | -                        | -
    inspect | SimpleQueue { qsize: 1 } | SimpleQueue { qsize: 0 } | SimpleQueue { closed }
  `,
  elsewhere: `
            | held and alive           | held and killed          | made and killed
    put     | -                        | -                        | -
    wait    | 1                        | 1                        | 0
    get     | 1                        | 1                        | waits
    putSync | -                        | -                        | -
    getSync | 1                        | 1                        | blocks
    empty   | false                    | false                    | true
    close   | -                        | -                        | -
    dispose | -                        | -                        | -
    inspect | SimpleQueue { qsize: 1 } | SimpleQueue { qsize: 1 } | SimpleQueue { qsize: 0 }
  `,
  pending: `
            | a get waits
    put     | - / 2
    wait    | 0 / waits
    get     | waits / waits
    putSync | - / 2
    getSync | blocks / waits
    empty   | true / waits
    close   | - / StateError
    dispose | - / StateError
    inspect | SimpleQueue { qsize: 0 } / waits
  `,
});

matrix(Connection, {
  states: `
                      | a message          | empty              | full               | left a message     | other end closed   | too long   | reads        | writes     | closed
    send              | -                  | -                  | TimeoutError       | EPIPE              | EPIPE              | -          | StateError   | -          | StateError
    recv              | 1                  | TimeoutError       | TimeoutError       | 1                  | EOFError           | StateError | TimeoutError | StateError | StateError
    recvBytes         | 1                  | TimeoutError       | TimeoutError       | 1                  | EOFError           | StateError | TimeoutError | StateError | StateError
    recvBytesInto     | 1                  | TimeoutError       | TimeoutError       | 1                  | EOFError           | StateError | TimeoutError | StateError | StateError
    poll              | true               | false              | false              | true               | true               | StateError | false        | StateError | StateError
    wait              | 1                  | 0                  | 0                  | 1                  | 1                  | StateError | 0            | StateError | StateError
    sendBytes         | -                  | -                  | waits              | EPIPE              | EPIPE              | -          | StateError   | -          | StateError
    next              | 1                  | waits              | waits              | 1                  | end                | StateError | waits        | StateError | StateError
    sendSync          | -                  | -                  | TimeoutError       | EPIPE              | EPIPE              | -          | StateError   | -          | StateError
    recvSync          | 1                  | TimeoutError       | TimeoutError       | 1                  | EOFError           | StateError | TimeoutError | StateError | StateError
    recvBytesSync     | 1                  | TimeoutError       | TimeoutError       | 1                  | EOFError           | StateError | TimeoutError | StateError | StateError
    recvBytesIntoSync | 1                  | TimeoutError       | TimeoutError       | 1                  | EOFError           | StateError | TimeoutError | StateError | StateError
    sendBytesSync     | -                  | -                  | blocks             | EPIPE              | EPIPE              | -          | StateError   | -          | StateError
    pollSync          | true               | false              | false              | true               | true               | StateError | false        | StateError | StateError
    fileno            | number             | number             | number             | number             | number             | number     | number       | number     | StateError
    closed            | false              | false              | false              | false              | false              | false      | false        | false      | true
    readable          | true               | true               | true               | true               | true               | false      | true         | false      | false
    writable          | true               | true               | true               | true               | true               | true       | false        | true       | false
    close             | -                  | -                  | -                  | -                  | -                  | -          | -            | -          | -
    dispose           | -                  | -                  | -                  | -                  | -                  | -          | -            | -          | -
    inspect           | readable, writable | readable, writable | readable, writable | readable, writable | readable, writable | writable   | readable     | writable   | closed
  `,
  elsewhere: `
                      | held and alive     | held and killed    | made and killed
    send              | -                  | EPIPE              | -
    recv              | 1                  | 1                  | TimeoutError
    recvBytes         | 1                  | 1                  | TimeoutError
    recvBytesInto     | 1                  | 1                  | TimeoutError
    poll              | true               | true               | false
    wait              | 1                  | 1                  | 0
    sendBytes         | -                  | EPIPE              | -
    next              | 1                  | 1                  | waits
    sendSync          | -                  | EPIPE              | -
    recvSync          | 1                  | 1                  | TimeoutError
    recvBytesSync     | 1                  | 1                  | TimeoutError
    recvBytesIntoSync | 1                  | 1                  | TimeoutError
    sendBytesSync     | -                  | EPIPE              | -
    pollSync          | true               | true               | false
    fileno            | number             | number             | number
    closed            | false              | false              | false
    readable          | true               | true               | true
    writable          | true               | true               | true
    close             | -                  | -                  | -
    dispose           | -                  | -                  | -
    inspect           | readable, writable | readable, writable | readable, writable
  `,
  pending: `
                      | a recv waits               | a poll waits               | a send waits               | an iteration waits
    send              | - / waits                  | - / waits                  | TimeoutError / waits       | - / waits
    recv              | TimeoutError / waits       | TimeoutError / waits       | TimeoutError / waits       | TimeoutError / waits
    recvBytes         | TimeoutError / waits       | TimeoutError / waits       | TimeoutError / waits       | TimeoutError / waits
    recvBytesInto     | TimeoutError / waits       | TimeoutError / waits       | TimeoutError / waits       | TimeoutError / waits
    poll              | false / waits              | false / waits              | false / waits              | false / waits
    wait              | 0 / waits                  | 0 / waits                  | 0 / waits                  | 0 / waits
    sendBytes         | - / waits                  | - / waits                  | waits / waits              | - / waits
    next              | waits / waits              | waits / waits              | waits / waits              | waits / waits
    sendSync          | - / waits                  | - / waits                  | TimeoutError / waits       | - / waits
    recvSync          | TimeoutError / waits       | TimeoutError / waits       | TimeoutError / waits       | TimeoutError / waits
    recvBytesSync     | TimeoutError / waits       | TimeoutError / waits       | TimeoutError / waits       | TimeoutError / waits
    recvBytesIntoSync | TimeoutError / waits       | TimeoutError / waits       | TimeoutError / waits       | TimeoutError / waits
    sendBytesSync     | - / waits                  | - / waits                  | blocks / waits             | - / waits
    pollSync          | false / waits              | false / waits              | false / waits              | false / waits
    fileno            | number / waits             | number / waits             | number / waits             | number / waits
    closed            | false / waits              | false / waits              | false / waits              | false / waits
    readable          | true / waits               | true / waits               | true / waits               | true / waits
    writable          | true / waits               | true / waits               | true / waits               | true / waits
    close             | - / StateError             | - / StateError             | - / StateError             | - / StateError
    dispose           | - / StateError             | - / StateError             | - / StateError             | - / StateError
    inspect           | readable, writable / waits | readable, writable / waits | readable, writable / waits | readable, writable / waits
  `,
});
