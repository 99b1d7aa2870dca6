BEGIN TRANSACTION;
CREATE TABLE audit (client TEXT NOT NULL, time INTEGER NOT NULL, deed TEXT NOT NULL, reason TEXT NOT NULL, rule TEXT NOT NULL, by TEXT NOT NULL, why TEXT NOT NULL, evidence TEXT NOT NULL, until INTEGER NOT NULL, version TEXT NOT NULL);
INSERT INTO "audit" VALUES('198.51.100.77',@NOW-3@,'nominated','nominated','','joe','it sent us spam','Received: from host.example
',@NOW+8564627@,'0.1.0');
INSERT INTO "audit" VALUES('198.51.100.77',@NOW-3@,'nominated','nominated','','ann','it sent us spam','Received: from host.example
',@NOW+8564627@,'0.1.0');
INSERT INTO "audit" VALUES('198.51.100.77',@NOW-3@,'listed','nominated','operators','relayguard','','',@NOW+8564627@,'0.1.0');
CREATE TABLE counts (client TEXT NOT NULL, reason TEXT NOT NULL, hits INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (client, reason)) WITHOUT ROWID;
CREATE TABLE entries (client TEXT PRIMARY KEY, changed INTEGER NOT NULL, held INTEGER NOT NULL, removed1 INTEGER NOT NULL, removed2 INTEGER NOT NULL, removed3 INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO "entries" VALUES('198.51.100.77',@NOW-3@,0,0,0,0);
CREATE TABLE hits (client TEXT NOT NULL, time INTEGER NOT NULL, reason TEXT NOT NULL, what TEXT NOT NULL, name TEXT NOT NULL, helo TEXT NOT NULL, sender TEXT NOT NULL, ref TEXT NOT NULL);
CREATE TABLE reasons (client TEXT NOT NULL, reason TEXT NOT NULL, rule TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL, times INTEGER NOT NULL, PRIMARY KEY (client, reason)) WITHOUT ROWID;
INSERT INTO "reasons" VALUES('198.51.100.77','nominated','operators',@NOW-3@,@NOW+8564627@,1);
CREATE INDEX hits_client ON hits (client);
CREATE INDEX audit_client ON audit (client);
COMMIT;
