CREATE OR REPLACE FUNCTION refuse_partition() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = 'HU301'; END $$
--;
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = 'HU411'; END $$
--;
CREATE TABLE IF NOT EXISTS key_check (
	n BIGINT NOT NULL, 
	value BYTEA NOT NULL, 
	PRIMARY KEY (n)
)
--;
CREATE TABLE IF NOT EXISTS ruled (
	hash BYTEA NOT NULL, 
	by TEXT COLLATE "C" NOT NULL, 
	PRIMARY KEY (hash)
)
--;
CREATE TABLE IF NOT EXISTS connector (
	number BIGINT NOT NULL, 
	id TEXT COLLATE "C" NOT NULL, 
	agency TEXT COLLATE "C" NOT NULL, 
	publisher TEXT COLLATE "C" NOT NULL, 
	types TEXT COLLATE "C" NOT NULL, 
	areas TEXT COLLATE "C" NOT NULL, 
	sites TEXT COLLATE "C" NOT NULL, 
	public_key BYTEA NOT NULL, 
	key_check TEXT COLLATE "C" NOT NULL, 
	PRIMARY KEY (number)
)
--;
CREATE UNIQUE INDEX IF NOT EXISTS connector_one_1 ON connector (id)
--;
CREATE TABLE IF NOT EXISTS position (
	agency TEXT COLLATE "C" NOT NULL, 
	log TEXT COLLATE "C" NOT NULL, 
	"offset" BIGINT NOT NULL, 
	last BYTEA NOT NULL, 
	answered BIGINT NOT NULL, 
	sequence BIGINT NOT NULL, 
	vault BIGINT NOT NULL, 
	intent BIGINT NOT NULL, 
	PRIMARY KEY (agency)
)
--;
CREATE TABLE IF NOT EXISTS chain (
	agency TEXT COLLATE "C" NOT NULL, 
	connector TEXT COLLATE "C" NOT NULL, 
	incarnation TEXT COLLATE "C" NOT NULL, 
	generation BIGINT NOT NULL, 
	frame BIGINT NOT NULL, 
	hash BYTEA NOT NULL, 
	last_event BIGINT NOT NULL, 
	PRIMARY KEY (agency, connector)
)
--;
CREATE TABLE IF NOT EXISTS taken (
	connector TEXT COLLATE "C" NOT NULL, 
	generation BIGINT NOT NULL, 
	number BIGINT NOT NULL, 
	hash BYTEA NOT NULL, 
	PRIMARY KEY (connector, generation, number)
)
--;
CREATE TABLE IF NOT EXISTS next_number (
	agency TEXT COLLATE "C" NOT NULL, 
	topic TEXT COLLATE "C" NOT NULL, 
	partition BIGINT NOT NULL, 
	number BIGINT NOT NULL, 
	PRIMARY KEY (agency, topic, partition)
)
--;
CREATE TABLE IF NOT EXISTS total (
	agency TEXT COLLATE "C" NOT NULL, 
	name TEXT COLLATE "C" NOT NULL, 
	value BIGINT NOT NULL, 
	PRIMARY KEY (agency, name)
)
--;
CREATE TABLE revision (number BIGINT NOT NULL)
--;
INSERT INTO revision VALUES (0)
