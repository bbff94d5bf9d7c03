/**
 * The index of the objects. A key may have several rows, its versions: `latest` marks the current one, and the highest
 * id is the newest. SQLite compares keys byte by byte, which is S3's order.
 */
export const schema = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS buckets (
    name TEXT PRIMARY KEY, created_at INTEGER NOT NULL, versioning TEXT, lifecycle TEXT
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS objects (
    id INTEGER PRIMARY KEY AUTOINCREMENT, bucket TEXT NOT NULL, key TEXT NOT NULL, version TEXT NOT NULL,
    latest INTEGER NOT NULL, marker INTEGER NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
    last_modified INTEGER NOT NULL, details TEXT NOT NULL
  );
  CREATE UNIQUE INDEX IF NOT EXISTS latest_objects ON objects (bucket, key) WHERE latest = 1;
  CREATE UNIQUE INDEX IF NOT EXISTS object_versions ON objects (bucket, key, id);
  CREATE TABLE IF NOT EXISTS pieces (
    object INTEGER NOT NULL, place INTEGER NOT NULL, content TEXT NOT NULL, size INTEGER NOT NULL,
    PRIMARY KEY (object, place)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS pieces_by_content ON pieces (content);
`;
