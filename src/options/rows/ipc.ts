/** These options concern ipc alone. libzmq doesn't have them, so that they have no numbers of its own. */
import { int32 } from "../kinds/integers.ts"
import { ALL } from "./socket-groups.ts"

export const IPC = {
  /**
   * The socket file that `bind()` makes for `ipc` gets these permissions, such as `0o660` (432). Only those can connect who
   * may write to it. With -1 it gets those that the process gives its files. Abstract names have no file.
   *
   * @defaultValue `-1`
   */
  ipcMode: int32({
    id: -1,
    default: -1,
    min: -1,
    max: 0o777,
    sockets: ALL,
  }),
  /**
   * The socket file that `bind()` makes for `ipc` is given to the group of this number. That is allowed to members of the
   * group and to root; for others `bind()` rejects with EPERM. With -1 the operating system chooses the group.
   *
   * @defaultValue `-1`
   */
  ipcGroup: int32({
    id: -2,
    default: -1,
    min: -1,
    sockets: ALL,
  }),
} as const
