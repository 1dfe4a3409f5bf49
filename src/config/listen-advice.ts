/** What to do about an address that a program cannot listen on, by the system's error code. Pure. */

/** How to change a setting: where, with an example value. */
export interface ListenSetting {
  /** As people write it, such as `--listen`. */
  name: string
  /** Every address of the machine, such as `9000`. */
  everywhere: string
  /** Where to set an address in front of the machine, for addresses that others use; undefined: nowhere. */
  announce?: string
}

/**
 * Completes a sentence that ends with a semicolon.
 *
 * @param code the system's, such as EADDRINUSE; undefined when there is none
 */
export function listenAdvice(
  code: string | undefined,
  { name, everywhere, announce }: ListenSetting
): string {
  switch (code) {
    case 'EADDRINUSE':
      return `end what uses the port, or set another address with ${name}`
    case 'EADDRNOTAVAIL':
      return `this machine does not have that address; listen on its own with ${name} ${everywhere}${announce === undefined ? '' : `, and add an address in front of it with ${announce}`}`
    case 'EACCES':
      return `the system allows only privileged accounts to listen there, mostly below port 1024; set a higher port with ${name}`
    case 'EPERM':
      return 'a sandbox, a container or a security policy of this machine forbids it; allow it there'
    case 'EAFNOSUPPORT':
      return `this machine has no addresses of that family; listen on its own with ${name} ${everywhere}`
    case 'EINVAL':
      return `an address of one link (fe80::…) cannot be used; listen on all others with ${name} ${everywhere}`
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `that name cannot be resolved here; set an address with ${name}`
    case 'EMFILE':
    case 'ENFILE':
      return 'too many files are open; raise the limit (ulimit -n)'
    default:
      return `set another address with ${name}`
  }
}
