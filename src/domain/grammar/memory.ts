// GPU memory as typed ("24gb") in MiB, and whether a device has it.

const MIB_PER: Record<string, number> = { gb: 1024, gib: 1024, mb: 1, mib: 1 };

/** MiB of "24gb", "24 GiB" or "8000mb" in lower case; 0 when it says none; null when it is not about memory. */
export function memoryMibOf(text: string): number | null {
  const match = /^(\d{1,6}(?:\.\d{1,2})?) ?(gb|gib|mb|mib)$/.exec(text);
  return match ? Math.round(Number(match[1]) * (MIB_PER[match[2] ?? ''] ?? 0)) : null;
}

/**
 * Whether a device that reports `memoryMib` is one of `memoryMibMin`. Up to 7 % less is the same card: with ECC the driver shows
 * 23 028 MiB of an A10's 24 GB (24 576 MiB) and 15 360 MiB of a T4's 16.
 */
export function hasMemory(memoryMib: number, memoryMibMin: number): boolean {
  return memoryMib >= memoryMibMin * 0.93;
}
