// Shared values, arrays, memory and lists in every state: what each method gives or throws.
import { Value, SharedArray, SharedMemory, ShareableList } from 'manyhands';
import { expectNothingLeft } from '../queue/arena.js';
import { matrix } from './matrix.ts';

expectNothingLeft();

matrix(Value, {
  states: `
            | with its lock | without a lock | lock held here
    value   | 1             | 1              | 1
    value = | 3             | 3              | 3
    add     | 3             | 3              | 3
    update  | -             | -              | -
    getLock | RLock         | -              | RLock
    getObj  | RawValue      | RawValue       | RawValue
    inspect | Value { 1 }   | Value { 1 }    | Value { 1 }
  `,
  elsewhere: `
            | held and alive | held and killed | made and killed
    value   | 1              | 1               | 1
    value = | 3              | 3               | 3
    add     | 3              | 3               | 3
    update  | blocks         | -               | -
    getLock | RLock          | RLock           | RLock
    getObj  | RawValue       | RawValue        | RawValue
    inspect | Value { 1 }    | Value { 1 }     | Value { 1 }
  `,
});

matrix(SharedArray, {
  states: `
                       | with its lock                      | without a lock
    withLock           | true                               | true
    length             | 2                                  | 2
    array              | 2                                  | 2
    [0]                | 1                                  | 1
    [0] =              | 5                                  | 5
    [9]                | -                                  | -
    [9] =              | RangeError                         | RangeError
    at                 | 2                                  | 2
    at beyond the end  | RangeError                         | RangeError
    set                | -                                  | -
    set beyond the end | RangeError                         | RangeError
    set to a text      | TypeError                          | TypeError
    getLock            | RLock                              | -
    getObj             | RawArray                           | RawArray
    iterator           | [ 1, 2 ]                           | [ 1, 2 ]
    inspect            | SharedArray Int32Array(2) [ 1, 2 ] | SharedArray Int32Array(2) [ 1, 2 ]
  `,
  elsewhere: `
                       | held and alive                     | held and killed                    | made and killed
    withLock           | waits                              | true                               | true
    length             | 2                                  | 2                                  | 2
    array              | 2                                  | 2                                  | 2
    [0]                | 1                                  | 1                                  | 1
    [0] =              | 5                                  | 5                                  | 5
    [9]                | -                                  | -                                  | -
    [9] =              | RangeError                         | RangeError                         | RangeError
    at                 | 2                                  | 2                                  | 2
    at beyond the end  | RangeError                         | RangeError                         | RangeError
    set                | -                                  | -                                  | -
    set beyond the end | RangeError                         | RangeError                         | RangeError
    set to a text      | TypeError                          | TypeError                          | TypeError
    getLock            | RLock                              | RLock                              | RLock
    getObj             | RawArray                           | RawArray                           | RawArray
    iterator           | [ 1, 2 ]                           | [ 1, 2 ]                           | [ 1, 2 ]
    inspect            | SharedArray Int32Array(2) [ 1, 2 ] | SharedArray Int32Array(2) [ 1, 2 ] | SharedArray Int32Array(2) [ 1, 2 ]
  `,
});

matrix(SharedMemory, {
  states: `
                           | open                          | unlinked                      | closed
    name                   | string                        | string                        | string
    size                   | 16                            | 16                            | 16
    buf                    | 16                            | 16                            | StateError
    asArray                | 2                             | 2                             | StateError
    asArray beyond the end | RangeError                    | RangeError                    | StateError
    closed                 | false                         | false                         | true
    close                  | -                             | -                             | -
    dispose                | -                             | -                             | -
    unlink                 | -                             | ENOENT                        | -
    inspect                | SharedMemory('name', size=16) | SharedMemory('name', size=16) | SharedMemory('name', size=16)
  `,
  elsewhere: `
                           | held and alive                | held and killed               | made and killed
    name                   | string                        | string                        | string
    size                   | 16                            | 16                            | 16
    buf                    | 16                            | 16                            | 16
    asArray                | 2                             | 2                             | 2
    asArray beyond the end | RangeError                    | RangeError                    | RangeError
    closed                 | false                         | false                         | false
    close                  | -                             | -                             | -
    dispose                | -                             | -                             | -
    unlink                 | -                             | -                             | ENOENT
    inspect                | SharedMemory('name', size=16) | SharedMemory('name', size=16) | SharedMemory('name', size=16)
  `,
  // The names go with their maker.
  madeByPool: `
                           | open                          | closed
    name                   | string                        | string
    size                   | 16                            | 16
    buf                    | 16                            | StateError
    asArray                | 2                             | StateError
    asArray beyond the end | RangeError                    | StateError
    closed                 | false                         | true
    close                  | -                             | -
    dispose                | -                             | -
    unlink                 | ENOENT                        | ENOENT
    inspect                | SharedMemory('name', size=16) | SharedMemory('name', size=16)
  `,
});

matrix(ShareableList, {
  states: `
                       | open                                     | unlinked                                 | closed
    length             | 2                                        | 2                                        | 2
    at                 | b                                        | b                                        | StateError
    at beyond the end  | RangeError                               | RangeError                               | StateError
    set                | -                                        | -                                        | StateError
    set beyond the end | RangeError                               | RangeError                               | StateError
    set too long       | RangeError                               | RangeError                               | StateError
    set no item        | TypeError                                | TypeError                                | StateError
    count              | 1                                        | 1                                        | StateError
    indexOf            | 1                                        | 1                                        | StateError
    format             | 8s8s                                     | 8s8s                                     | StateError
    iterator           | [ 'a', 'b' ]                             | [ 'a', 'b' ]                             | StateError
    shm                | false                                    | false                                    | true
    dispose            | -                                        | -                                        | -
    inspect            | ShareableList([ 'a', 'b' ], name='name') | ShareableList([ 'a', 'b' ], name='name') | ShareableList(closed, name='name')
  `,
  elsewhere: `
                       | held and alive                           | held and killed                          | made and killed
    length             | 2                                        | 2                                        | 2
    at                 | b                                        | b                                        | b
    at beyond the end  | RangeError                               | RangeError                               | RangeError
    set                | -                                        | -                                        | -
    set beyond the end | RangeError                               | RangeError                               | RangeError
    set too long       | RangeError                               | RangeError                               | RangeError
    set no item        | TypeError                                | TypeError                                | TypeError
    count              | 0                                        | 0                                        | 1
    indexOf            | 1                                        | 1                                        | 1
    format             | 8s8s                                     | 8s8s                                     | 8s8s
    iterator           | [ 'c', 'b' ]                             | [ 'c', 'b' ]                             | [ 'a', 'b' ]
    shm                | false                                    | false                                    | false
    dispose            | -                                        | -                                        | -
    inspect            | ShareableList([ 'c', 'b' ], name='name') | ShareableList([ 'c', 'b' ], name='name') | ShareableList([ 'a', 'b' ], name='name')
  `,
  madeByPool: `
                       | open                                     | closed
    length             | 2                                        | 2
    at                 | b                                        | StateError
    at beyond the end  | RangeError                               | StateError
    set                | -                                        | StateError
    set beyond the end | RangeError                               | StateError
    set too long       | RangeError                               | StateError
    set no item        | TypeError                                | StateError
    count              | 1                                        | StateError
    indexOf            | 1                                        | StateError
    format             | 8s8s                                     | StateError
    iterator           | [ 'a', 'b' ]                             | StateError
    shm                | false                                    | true
    dispose            | -                                        | -
    inspect            | ShareableList([ 'a', 'b' ], name='name') | ShareableList(closed, name='name')
  `,
});
