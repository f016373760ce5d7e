import { describe, expect, it } from 'vitest';
import { pickSubnet } from '../../src/local/demo/subnet.ts';

describe('the network of a demo', () => {
  it.each([
    ['nothing is in the way', 7, ['172.17.0.0/16', '10.0.0.5/32', 'fe80::1/64', ''], '10.214.7.0/24'],
    ['another demo has the same', 7, ['10.214.7.0/24', '10.214.8.0/24'], '10.214.9.0/24'],
    ['a smaller network lies inside', 7, ['10.214.7.128/25'], '10.214.8.0/24'],
    ['this machine has an address there', 7, ['10.214.7.1/32'], '10.214.8.0/24'],
    ['a wider network lies around, up to the last', 255, ['10.214.255.0/20'], '10.214.0.0/24'],
    ['all are taken', 7, ['10.0.0.0/8'], null],
  ])('when %s', (_, first, taken, subnet) => {
    expect(pickSubnet(first, taken)).toBe(subnet);
  });
});
