/** The configuration of an nginx that serves one folder. Pure. */

export interface NginxInit {
  /** The folder that it serves. */
  root: string
  /** The folder that it may write to. */
  folder: string
  address: string
  port: number
  /** Serve over TLS, and write protocol and cipher of every request to `log`. */
  tls?: { certificate: string; key: string; log: string }
}

/** One process that only serves: it ends with the process that started it, and needs no user of its own. */
export function nginxConfig({ root, folder, address, port, tls }: NginxInit): string {
  return [
    'daemon off;',
    'master_process off;',
    `pid ${quoted(`${folder}/nginx.pid`)};`,
    'error_log stderr warn;',
    'events { worker_connections 256; }',
    'http {',
    ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (what) => `  ${what}_temp_path ${quoted(`${folder}/${what}`)};`
    ),
    '  sendfile on;',
    '  tcp_nopush on;',
    ...(tls === undefined
      ? ['  access_log off;']
      : [
          "  log_format ciphers '$ssl_protocol $ssl_cipher';",
          `  access_log ${quoted(tls.log)} ciphers;`,
          '  ssl_protocols TLSv1.3;',
          `  ssl_certificate ${quoted(tls.certificate)};`,
          `  ssl_certificate_key ${quoted(tls.key)};`
        ]),
    '  server {',
    `    listen ${address}:${port}${tls === undefined ? '' : ' ssl'};`,
    `    root ${quoted(root)};`,
    '  }',
    '}',
    ''
  ].join('\n')
}

function quoted(path: string): string {
  return `"${path.replace(/["\\]/g, '\\$&')}"`
}
