// Addresses that never leave this machine: the only ones on which plain HTTP is spoken.

export const isLoopback = (address: string): boolean => {
  const host = address.replace(/^\[|\]$/g, '').replace(/^::ffff:/, '');
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
};
