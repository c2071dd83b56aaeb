-- Applied once, by the owner of the database. The app connects as widgets_app, who owns nothing and bypasses nothing.
CREATE ROLE widgets_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;

CREATE TABLE widgets (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- Settings are '' after their first use on a connection: no row may belong to ''.
    tenant_id text NOT NULL DEFAULT current_setting('app.tenant_id', true) CHECK (tenant_id <> ''),
    made_by text NOT NULL DEFAULT current_setting('app.user_id', true),
    name text NOT NULL
);
CREATE INDEX widgets_of_tenant ON widgets (tenant_id, id);

-- FORCE: the owner is bound too.
ALTER TABLE widgets ENABLE ROW LEVEL SECURITY;
ALTER TABLE widgets FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON widgets
    USING (tenant_id = current_setting('app.tenant_id', true))
    WITH CHECK (tenant_id = current_setting('app.tenant_id', true));

GRANT SELECT, INSERT, UPDATE, DELETE ON widgets TO widgets_app;
