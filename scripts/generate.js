// Writes all generated files that are committed. With --check it changes nothing and fails when one is out of date.
await import('./generate-codecs.js')
await import('./generate-documents.js')
