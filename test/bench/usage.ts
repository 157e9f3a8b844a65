/** The processor time of a process so far, in microseconds, and its memory in bytes. */
export interface Usage {
  /** Of the thread that answers requests. */
  readonly threadUs: number;
  /** Of all threads, those of the runtime included. */
  readonly processUs: number;
  readonly rssBytes: number;
}

/** Returns the usage of this process; call it on the thread that answers. */
export const usage = (): Usage => {
  const [thread, whole] = [process.threadCpuUsage(), process.cpuUsage()];
  return {
    threadUs: thread.user + thread.system,
    processUs: whole.user + whole.system,
    rssBytes: process.memoryUsage.rss(),
  };
};
