// SIGINT and SIGTERM mean: stop in order. So does the end of the process that started us, when there is a channel to it.

/** Resolves with the name of what told us. */
export async function untilToldToStop(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal));
    if (!process.connected) return;
    process.once('disconnect', () => resolve('the starting process ended'));
    // Listening alone would keep us running when everything else is done.
    process.channel?.unref();
  });
}
