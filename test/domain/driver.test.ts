import { describe, expect, it } from 'vitest';
import { DriverVersion, driverSuffices } from '../../src/domain/driver.ts';

describe('a driver', () => {
  it.each<[string | null, string | null, boolean]>([
    ['550.54.15', '550.54', true],
    ['550.54', '550.54.15', false],
    ['550.54', '550.54.0', true],
    ['550.127.05', '550.54.15', true],
    ['560.28', '550.90', true],
    ['535.183.01', '550.54', false],
    ['1000.1', '999.9', true],
    [null, '550.54', false],
    [null, null, true],
    ['390.1', null, true],
  ])('%s, where at least %s is needed: %s', (driver, least, enough) => {
    expect(driverSuffices(driver, least)).toBe(enough);
  });

  it.each(['550', '550.54', '550.54.15'])('%s is a version', (text) => expect(DriverVersion.safeParse(text).success).toBe(true));
  it.each(['', '550.', '550.54.15.1', 'v550', '[N/A]', '550,54'])('"%s" is none', (text) =>
    expect(DriverVersion.safeParse(text).success).toBe(false),
  );
});
