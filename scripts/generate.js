// Writes all that is generated and committed. With --check it changes nothing and fails when something is out of date.
await import('./generate-codecs.js')
await import('./generate-documents.js')
