// What hosts and runs may use. Times are milliseconds, sizes bytes unless a name says otherwise.

export interface HostLimits {
  /** Hosts that take runs. */
  readonly hosts: number;
  /** Hosts that are kept warm, for when one of the others ends. */
  readonly spares: 0 | 1;
  readonly runsPerHost: number;
  /** Runs that wait for a place in a host. */
  readonly waiting: number;
  /** Of JavaScript's own heap, in MB. */
  readonly heapMb: number;
  /** Of a whole host, in MB: typed arrays live outside of the heap. */
  readonly memoryMb: number;
  /** How long a host that has something to do may leave a ping unanswered. */
  readonly silence: number;
  /** One call or its answer. */
  readonly message: number;
  /** What a run is given and what it answers, rows of a whole batch; and calls of LARGE_CALLS. The largest frame of all. */
  readonly batch: number;
  /** Of a host, in any second. */
  readonly bytesPerSecond: number;
  /** Of one run. */
  readonly calls: number;
  /** Of one run, unanswered; more wait in the host. */
  readonly callsAtOnce: number;
  readonly logLines: number;
  readonly logBytes: number;
  /** Timers of one run that have not fired. */
  readonly timers: number;
  /** For one module. */
  readonly load: number;
  /** How long hosts of replaced scripts may go on with what they have. */
  readonly retire: number;
  /** How long the quarantine host is kept without anything to do. */
  readonly quarantine: number;
}

export const HOST_LIMITS: HostLimits = {
  hosts: 2,
  spares: 1,
  runsPerHost: 64,
  waiting: 1_000,
  heapMb: 256,
  memoryMb: 512,
  silence: 1_000,
  message: 1 << 20,
  batch: 16 << 20,
  bytesPerSecond: 64 << 20,
  calls: 10_000,
  callsAtOnce: 64,
  logLines: 1_000,
  logBytes: 64 << 10,
  timers: 1_000,
  load: 5_000,
  retire: 30_000,
  quarantine: 30_000,
};

/** Calls that carry a batch of rows, or the body of a request. */
export const LARGE_CALLS: readonly string[] = ['execute', 'fetch'];

/** Those that the runtime keeps by itself. */
export type RuntimeLimits = Pick<
  HostLimits,
  'message' | 'batch' | 'calls' | 'callsAtOnce' | 'logLines' | 'logBytes' | 'timers' | 'load'
>;
