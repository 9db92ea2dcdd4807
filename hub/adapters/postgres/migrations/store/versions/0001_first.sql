CREATE OR REPLACE FUNCTION refuse_partition() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = 'HU301'; END $$
--;
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = 'HU411'; END $$
--;
CREATE TABLE IF NOT EXISTS persons_key (
	id BIGINT NOT NULL, 
	key BYTEA NOT NULL, 
	head BIGINT NOT NULL, 
	high BIGINT NOT NULL, 
	low BIGINT NOT NULL, 
	waiting BIGINT NOT NULL, 
	PRIMARY KEY (id)
)
--;
CREATE UNIQUE INDEX IF NOT EXISTS persons_key_one_1 ON persons_key (key)
--;
CREATE OR REPLACE TRIGGER persons_key_owned BEFORE INSERT OR UPDATE ON persons_key FOR EACH ROW WHEN ((NEW."id" >> 40)::text IS DISTINCT FROM current_setting('hub.partition', true)) EXECUTE FUNCTION refuse_partition()
--;
CREATE TABLE IF NOT EXISTS persons_event (
	at BIGINT NOT NULL, 
	id BIGINT NOT NULL, 
	prev BIGINT NOT NULL, 
	high BIGINT NOT NULL, 
	low BIGINT NOT NULL, 
	kind BIGINT NOT NULL, 
	event BYTEA NOT NULL, 
	source BIGINT NOT NULL, 
	place TEXT COLLATE "C" NOT NULL, 
	basis TEXT COLLATE "C" NOT NULL, 
	refs BYTEA NOT NULL, 
	value BYTEA NOT NULL, 
	PRIMARY KEY (at)
)
--;
CREATE OR REPLACE TRIGGER persons_event_owned BEFORE INSERT OR UPDATE ON persons_event FOR EACH ROW WHEN ((NEW."at" >> 40)::text IS DISTINCT FROM current_setting('hub.partition', true)) EXECUTE FUNCTION refuse_partition()
--;
CREATE OR REPLACE TRIGGER persons_event_for_ever BEFORE UPDATE OR DELETE OR TRUNCATE ON persons_event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
--;
CREATE TABLE IF NOT EXISTS persons_put (
	id BIGINT NOT NULL, 
	n BIGINT NOT NULL, 
	state TEXT COLLATE "C" NOT NULL, 
	code TEXT COLLATE "C" NOT NULL, 
	PRIMARY KEY (id, n)
)
--;
CREATE OR REPLACE TRIGGER persons_put_owned BEFORE INSERT OR UPDATE ON persons_put FOR EACH ROW WHEN ((NEW."id" >> 40)::text IS DISTINCT FROM current_setting('hub.partition', true)) EXECUTE FUNCTION refuse_partition()
--;
CREATE TABLE IF NOT EXISTS persons_source (
	partition BIGINT NOT NULL, 
	n BIGINT NOT NULL, 
	name TEXT COLLATE "C" NOT NULL, 
	PRIMARY KEY (partition, n)
)
--;
CREATE OR REPLACE TRIGGER persons_source_owned BEFORE INSERT OR UPDATE ON persons_source FOR EACH ROW WHEN ((NEW."partition")::text IS DISTINCT FROM current_setting('hub.partition', true)) EXECUTE FUNCTION refuse_partition()
--;
CREATE TABLE IF NOT EXISTS persons_count (
	partition BIGINT NOT NULL, 
	name TEXT COLLATE "C" NOT NULL, 
	value BIGINT NOT NULL, 
	PRIMARY KEY (partition, name)
)
--;
CREATE OR REPLACE TRIGGER persons_count_owned BEFORE INSERT OR UPDATE ON persons_count FOR EACH ROW WHEN ((NEW."partition")::text IS DISTINCT FROM current_setting('hub.partition', true)) EXECUTE FUNCTION refuse_partition()
--;
CREATE TABLE IF NOT EXISTS persons_name (
	id BIGINT NOT NULL, 
	domain TEXT COLLATE "C" NOT NULL, 
	value BYTEA NOT NULL, 
	PRIMARY KEY (id, domain)
)
--;
CREATE OR REPLACE TRIGGER persons_name_owned BEFORE INSERT OR UPDATE ON persons_name FOR EACH ROW WHEN ((NEW."id" >> 40)::text IS DISTINCT FROM current_setting('hub.partition', true)) EXECUTE FUNCTION refuse_partition()
--;
CREATE TABLE IF NOT EXISTS persons_position (
	partition BIGINT NOT NULL, 
	log TEXT COLLATE "C" NOT NULL, 
	"offset" BIGINT NOT NULL, 
	last BYTEA NOT NULL, 
	keys BIGINT NOT NULL, 
	accepted TEXT COLLATE "C" NOT NULL, 
	counters TEXT COLLATE "C" NOT NULL, 
	facts TEXT COLLATE "C" NOT NULL, 
	PRIMARY KEY (partition)
)
--;
CREATE OR REPLACE TRIGGER persons_position_owned BEFORE INSERT OR UPDATE ON persons_position FOR EACH ROW WHEN ((NEW."partition")::text IS DISTINCT FROM current_setting('hub.partition', true)) EXECUTE FUNCTION refuse_partition()
--;
CREATE TABLE IF NOT EXISTS persons_outbox (
	partition BIGINT NOT NULL, 
	topic TEXT COLLATE "C" NOT NULL, 
	dest BIGINT NOT NULL, 
	number BIGINT NOT NULL, 
	key BYTEA NOT NULL, 
	headers BYTEA NOT NULL, 
	value BYTEA NOT NULL, 
	PRIMARY KEY (partition, topic, dest, number)
)
--;
CREATE OR REPLACE TRIGGER persons_outbox_owned BEFORE INSERT OR UPDATE ON persons_outbox FOR EACH ROW WHEN ((NEW."partition")::text IS DISTINCT FROM current_setting('hub.partition', true)) EXECUTE FUNCTION refuse_partition()
--;
CREATE TABLE IF NOT EXISTS persons_case (
	id BIGINT NOT NULL, 
	n BIGINT NOT NULL, 
	subject BYTEA NOT NULL, 
	state TEXT COLLATE "C" NOT NULL, 
	step TEXT COLLATE "C" NOT NULL, 
	"end" TEXT COLLATE "C" NOT NULL, 
	area TEXT COLLATE "C" NOT NULL, 
	home TEXT COLLATE "C" NOT NULL, 
	cell_x BIGINT, 
	cell_y BIGINT, 
	age_group TEXT COLLATE "C" NOT NULL, 
	needs TEXT COLLATE "C" NOT NULL, 
	urgent BIGINT NOT NULL, 
	begun_on BIGINT, 
	applied_on BIGINT, 
	registered_on BIGINT, 
	confirmed_on BIGINT, 
	assigned_on BIGINT, 
	accepted_on BIGINT, 
	served_on BIGINT, 
	closed_on BIGINT, 
	followed_on BIGINT, 
	referral_until BIGINT, 
	service_until BIGINT, 
	transfer_until BIGINT, 
	guardian TEXT COLLATE "C" NOT NULL, 
	site TEXT COLLATE "C" NOT NULL, 
	site_area TEXT COLLATE "C" NOT NULL, 
	holder TEXT COLLATE "C" NOT NULL, 
	holder_area TEXT COLLATE "C" NOT NULL, 
	to_area TEXT COLLATE "C" NOT NULL, 
	to_x BIGINT, 
	to_y BIGINT, 
	wait_from BIGINT, 
	wait_reason TEXT COLLATE "C" NOT NULL, 
	wait_until BIGINT, 
	wait_old BIGINT NOT NULL, 
	checked_on BIGINT, 
	exit_ok BIGINT NOT NULL, 
	declined TEXT COLLATE "C" NOT NULL, 
	broken TEXT COLLATE "C" NOT NULL, 
	told_case BIGINT NOT NULL, 
	told_need BIGINT NOT NULL, 
	told_market TEXT COLLATE "C" NOT NULL, 
	told_what TEXT COLLATE "C" NOT NULL, 
	last_need BIGINT NOT NULL, 
	told_on BIGINT, 
	asks TEXT COLLATE "C" NOT NULL, 
	offer BYTEA NOT NULL, 
	offer_need BIGINT NOT NULL, 
	offer_site TEXT COLLATE "C" NOT NULL, 
	offer_area TEXT COLLATE "C" NOT NULL, 
	offer_until BIGINT, 
	offer_gone TEXT COLLATE "C" NOT NULL, 
	taken TEXT COLLATE "C" NOT NULL, 
	told_holder TEXT COLLATE "C" NOT NULL, 
	told_handover TEXT COLLATE "C" NOT NULL, 
	told_wait BIGINT, 
	cause BYTEA NOT NULL, 
	last_on BIGINT NOT NULL, 
	last_fact_on BIGINT NOT NULL, 
	today BYTEA NOT NULL, 
	same BIGINT NOT NULL, 
	due BIGINT, 
	PRIMARY KEY (id, n)
)
--;
CREATE INDEX IF NOT EXISTS persons_case_by_1 ON persons_case (state, area)
--;
CREATE INDEX IF NOT EXISTS persons_case_by_2 ON persons_case (holder)
--;
CREATE INDEX IF NOT EXISTS persons_case_due ON persons_case (due) WHERE due IS NOT NULL
--;
CREATE OR REPLACE TRIGGER persons_case_owned BEFORE INSERT OR UPDATE ON persons_case FOR EACH ROW WHEN ((NEW."id" >> 40)::text IS DISTINCT FROM current_setting('hub.partition', true)) EXECUTE FUNCTION refuse_partition()
--;
CREATE TABLE IF NOT EXISTS markets_key (
	id BIGINT NOT NULL, 
	key BYTEA NOT NULL, 
	head BIGINT NOT NULL, 
	high BIGINT NOT NULL, 
	low BIGINT NOT NULL, 
	waiting BIGINT NOT NULL, 
	PRIMARY KEY (id)
)
--;
CREATE UNIQUE INDEX IF NOT EXISTS markets_key_one_1 ON markets_key (key)
--;
CREATE OR REPLACE TRIGGER markets_key_owned BEFORE INSERT OR UPDATE ON markets_key FOR EACH ROW WHEN ((NEW."id" >> 40)::text IS DISTINCT FROM current_setting('hub.partition', true)) EXECUTE FUNCTION refuse_partition()
--;
CREATE TABLE IF NOT EXISTS markets_event (
	at BIGINT NOT NULL, 
	id BIGINT NOT NULL, 
	prev BIGINT NOT NULL, 
	high BIGINT NOT NULL, 
	low BIGINT NOT NULL, 
	kind BIGINT NOT NULL, 
	event BYTEA NOT NULL, 
	source BIGINT NOT NULL, 
	place TEXT COLLATE "C" NOT NULL, 
	basis TEXT COLLATE "C" NOT NULL, 
	refs BYTEA NOT NULL, 
	value BYTEA NOT NULL, 
	PRIMARY KEY (at)
)
--;
CREATE OR REPLACE TRIGGER markets_event_owned BEFORE INSERT OR UPDATE ON markets_event FOR EACH ROW WHEN ((NEW."at" >> 40)::text IS DISTINCT FROM current_setting('hub.partition', true)) EXECUTE FUNCTION refuse_partition()
--;
CREATE OR REPLACE TRIGGER markets_event_for_ever BEFORE UPDATE OR DELETE OR TRUNCATE ON markets_event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
--;
CREATE TABLE IF NOT EXISTS markets_put (
	id BIGINT NOT NULL, 
	n BIGINT NOT NULL, 
	state TEXT COLLATE "C" NOT NULL, 
	code TEXT COLLATE "C" NOT NULL, 
	PRIMARY KEY (id, n)
)
--;
CREATE OR REPLACE TRIGGER markets_put_owned BEFORE INSERT OR UPDATE ON markets_put FOR EACH ROW WHEN ((NEW."id" >> 40)::text IS DISTINCT FROM current_setting('hub.partition', true)) EXECUTE FUNCTION refuse_partition()
--;
CREATE TABLE IF NOT EXISTS markets_source (
	partition BIGINT NOT NULL, 
	n BIGINT NOT NULL, 
	name TEXT COLLATE "C" NOT NULL, 
	PRIMARY KEY (partition, n)
)
--;
CREATE OR REPLACE TRIGGER markets_source_owned BEFORE INSERT OR UPDATE ON markets_source FOR EACH ROW WHEN ((NEW."partition")::text IS DISTINCT FROM current_setting('hub.partition', true)) EXECUTE FUNCTION refuse_partition()
--;
CREATE TABLE IF NOT EXISTS markets_count (
	partition BIGINT NOT NULL, 
	name TEXT COLLATE "C" NOT NULL, 
	value BIGINT NOT NULL, 
	PRIMARY KEY (partition, name)
)
--;
CREATE OR REPLACE TRIGGER markets_count_owned BEFORE INSERT OR UPDATE ON markets_count FOR EACH ROW WHEN ((NEW."partition")::text IS DISTINCT FROM current_setting('hub.partition', true)) EXECUTE FUNCTION refuse_partition()
--;
CREATE TABLE IF NOT EXISTS markets_name (
	id BIGINT NOT NULL, 
	domain TEXT COLLATE "C" NOT NULL, 
	value BYTEA NOT NULL, 
	PRIMARY KEY (id, domain)
)
--;
CREATE OR REPLACE TRIGGER markets_name_owned BEFORE INSERT OR UPDATE ON markets_name FOR EACH ROW WHEN ((NEW."id" >> 40)::text IS DISTINCT FROM current_setting('hub.partition', true)) EXECUTE FUNCTION refuse_partition()
--;
CREATE TABLE IF NOT EXISTS markets_position (
	partition BIGINT NOT NULL, 
	log TEXT COLLATE "C" NOT NULL, 
	"offset" BIGINT NOT NULL, 
	last BYTEA NOT NULL, 
	keys BIGINT NOT NULL, 
	accepted TEXT COLLATE "C" NOT NULL, 
	counters TEXT COLLATE "C" NOT NULL, 
	facts TEXT COLLATE "C" NOT NULL, 
	PRIMARY KEY (partition)
)
--;
CREATE OR REPLACE TRIGGER markets_position_owned BEFORE INSERT OR UPDATE ON markets_position FOR EACH ROW WHEN ((NEW."partition")::text IS DISTINCT FROM current_setting('hub.partition', true)) EXECUTE FUNCTION refuse_partition()
--;
CREATE TABLE IF NOT EXISTS markets_outbox (
	partition BIGINT NOT NULL, 
	topic TEXT COLLATE "C" NOT NULL, 
	dest BIGINT NOT NULL, 
	number BIGINT NOT NULL, 
	key BYTEA NOT NULL, 
	headers BYTEA NOT NULL, 
	value BYTEA NOT NULL, 
	PRIMARY KEY (partition, topic, dest, number)
)
--;
CREATE OR REPLACE TRIGGER markets_outbox_owned BEFORE INSERT OR UPDATE ON markets_outbox FOR EACH ROW WHEN ((NEW."partition")::text IS DISTINCT FROM current_setting('hub.partition', true)) EXECUTE FUNCTION refuse_partition()
--;
CREATE TABLE IF NOT EXISTS markets_site (
	id BIGINT NOT NULL, 
	n BIGINT NOT NULL, 
	market TEXT COLLATE "C" NOT NULL, 
	site TEXT COLLATE "C" NOT NULL, 
	area TEXT COLLATE "C" NOT NULL, 
	x_m BIGINT, 
	y_m BIGINT, 
	kinds TEXT COLLATE "C" NOT NULL, 
	programmes TEXT COLLATE "C" NOT NULL, 
	age_groups TEXT COLLATE "C" NOT NULL, 
	basis TEXT COLLATE "C" NOT NULL, 
	licensed_until BIGINT, 
	suspended_until BIGINT, 
	closed BIGINT NOT NULL, 
	free BIGINT, 
	free_as_of BIGINT, 
	moves TEXT COLLATE "C" NOT NULL, 
	reserved BIGINT NOT NULL, 
	has_room BIGINT NOT NULL, 
	stuck BIGINT NOT NULL, 
	last_on BIGINT NOT NULL, 
	due BIGINT, 
	PRIMARY KEY (id, n)
)
--;
CREATE INDEX IF NOT EXISTS markets_site_by_1 ON markets_site (market, site)
--;
CREATE INDEX IF NOT EXISTS markets_site_by_2 ON markets_site (has_room)
--;
CREATE INDEX IF NOT EXISTS markets_site_by_3 ON markets_site (stuck)
--;
CREATE INDEX IF NOT EXISTS markets_site_due ON markets_site (due) WHERE due IS NOT NULL
--;
CREATE OR REPLACE TRIGGER markets_site_owned BEFORE INSERT OR UPDATE ON markets_site FOR EACH ROW WHEN ((NEW."id" >> 40)::text IS DISTINCT FROM current_setting('hub.partition', true)) EXECUTE FUNCTION refuse_partition()
--;
CREATE TABLE IF NOT EXISTS markets_need (
	id BIGINT NOT NULL, 
	n BIGINT NOT NULL, 
	subject BYTEA NOT NULL, 
	need_no BIGINT NOT NULL, 
	market TEXT COLLATE "C" NOT NULL, 
	state TEXT COLLATE "C" NOT NULL, 
	area TEXT COLLATE "C" NOT NULL, 
	reason TEXT COLLATE "C" NOT NULL, 
	needs TEXT COLLATE "C" NOT NULL, 
	age_group TEXT COLLATE "C" NOT NULL, 
	cell_x BIGINT, 
	cell_y BIGINT, 
	rush BIGINT NOT NULL, 
	registered_on BIGINT NOT NULL, 
	opened BYTEA NOT NULL, 
	opened_on BIGINT NOT NULL, 
	closed_on BIGINT, 
	closed_reason TEXT COLLATE "C" NOT NULL, 
	refused TEXT COLLATE "C" NOT NULL, 
	offer BYTEA NOT NULL, 
	offer_site TEXT COLLATE "C" NOT NULL, 
	offer_area TEXT COLLATE "C" NOT NULL, 
	offer_on BIGINT, 
	offer_until BIGINT, 
	offer_reason TEXT COLLATE "C" NOT NULL, 
	distance_m BIGINT, 
	runner_up TEXT COLLATE "C" NOT NULL, 
	runner_up_m BIGINT, 
	full_site TEXT COLLATE "C" NOT NULL, 
	full_m BIGINT, 
	asked BIGINT NOT NULL, 
	void_reason TEXT COLLATE "C" NOT NULL, 
	offers BIGINT NOT NULL, 
	last_on BIGINT NOT NULL, 
	PRIMARY KEY (id, n)
)
--;
CREATE INDEX IF NOT EXISTS markets_need_by_1 ON markets_need (market, state, rush, registered_on, subject, need_no)
--;
CREATE INDEX IF NOT EXISTS markets_need_by_2 ON markets_need (market, offer_site, state)
--;
CREATE OR REPLACE TRIGGER markets_need_owned BEFORE INSERT OR UPDATE ON markets_need FOR EACH ROW WHEN ((NEW."id" >> 40)::text IS DISTINCT FROM current_setting('hub.partition', true)) EXECUTE FUNCTION refuse_partition()
