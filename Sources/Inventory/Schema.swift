import GRDB

/// The tables of an inventory. Migrations are only ever added, never changed.
///
/// Times are nanoseconds since 1970 (packet time). Addresses are text, as people write them, so
/// that the file can be asked with any SQLite tool.
enum Schema {
    /// `TYTO` in ASCII: marks a file as ours (SQLite's application_id).
    static let applicationID: Int32 = 0x5459_544f

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { database in
            for statement in first { try database.execute(sql: statement) }
        }
        migrator.registerMigration("chains") { database in
            for statement in chains { try database.execute(sql: statement) }
        }
        migrator.registerMigration("tool versions") { database in
            for statement in toolVersions { try database.execute(sql: statement) }
        }
        migrator.registerMigration("models-2") { database in
            for column in [
                "offering", "results", "called", "errors", "input_tokens", "output_tokens",
                "cached_tokens", "reasoning_tokens",
            ] {
                try database.execute(
                    sql: "ALTER TABLE model_use ADD COLUMN \(column) INTEGER NOT NULL DEFAULT 0")
            }
        }
        migrator.registerMigration("installation") { database in
            try database.execute(
                sql: """
                    CREATE TABLE installation (
                        id INTEGER PRIMARY KEY CHECK (id = 1), key BLOB NOT NULL)
                    """)
        }
        migrator.registerMigration("decisions") { database in
            try database.execute(
                sql: """
                    CREATE TABLE decision (
                        id INTEGER PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL,
                        scope TEXT NOT NULL, value TEXT NOT NULL, reason TEXT NOT NULL,
                        owner TEXT NOT NULL, until INTEGER, decided_by TEXT NOT NULL,
                        decided_at INTEGER NOT NULL)
                    """)
        }
        migrator.registerMigration("chain witnesses") { database in
            for column in ["conversed", "exchanged", "shared"] {
                try database.execute(
                    sql: "ALTER TABLE link ADD COLUMN \(column) INTEGER NOT NULL DEFAULT 0")
            }
        }
        migrator.registerMigration("open exchanges") { database in
            for statement in ContinuedExchanges.tables { try database.execute(sql: statement) }
        }
        migrator.registerMigration("tenancies") { database in
            for statement in tenancies { try database.execute(sql: statement) }
        }
        migrator.registerMigration("tool wishes") { database in
            for column in ["wished", "wish_traced"] {
                try database.execute(
                    sql: "ALTER TABLE link ADD COLUMN \(column) INTEGER NOT NULL DEFAULT 0")
            }
        }
        return migrator
    }

    /// Before, a binding was one row however often it had gone and come back. What came to an
    /// address behind another machine is set apart by its own beginning; rows of uses that span two
    /// stay as they are.
    private static let tenancies = [
        """
        CREATE TABLE binding_since (
            subject TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL, source TEXT NOT NULL,
            since INTEGER NOT NULL, count INTEGER NOT NULL, first_seen INTEGER NOT NULL,
            last_seen INTEGER NOT NULL,
            PRIMARY KEY (subject, kind, value, source, since)) WITHOUT ROWID
        """,
        """
        INSERT INTO binding_since SELECT subject, kind, value, source,
            CASE WHEN kind = 'mac' AND value <> (
                SELECT value FROM binding AS other
                WHERE other.subject = binding.subject AND other.kind = 'mac'
                ORDER BY first_seen, value LIMIT 1) THEN first_seen ELSE 0 END,
            count, first_seen, last_seen FROM binding
        """,
        "DROP TABLE binding", "ALTER TABLE binding_since RENAME TO binding",
        "ALTER TABLE open_flow ADD COLUMN machine TEXT NOT NULL DEFAULT ''",
    ]

    private static let chains = [
        """
        CREATE TABLE exchange (
            client TEXT NOT NULL, endpoint TEXT NOT NULL, kind TEXT NOT NULL, what TEXT NOT NULL,
            count INTEGER NOT NULL, busy INTEGER NOT NULL, caller TEXT NOT NULL,
            first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL,
            PRIMARY KEY (client, endpoint, kind, what)) WITHOUT ROWID
        """,
        """
        CREATE TABLE link (
            client TEXT NOT NULL, endpoint TEXT NOT NULL, kind TEXT NOT NULL, what TEXT NOT NULL,
            inner_endpoint TEXT NOT NULL, inner_kind TEXT NOT NULL, inner_what TEXT NOT NULL,
            count INTEGER NOT NULL, outers INTEGER NOT NULL, traced INTEGER NOT NULL,
            trace TEXT NOT NULL, first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL,
            PRIMARY KEY (client, endpoint, kind, what, inner_endpoint, inner_kind, inner_what)
        ) WITHOUT ROWID
        """,
    ]
    /// Before, a version was told by the bytes as sent: such a one is not compared with others.
    private static let toolVersions =
        ["shape_hash", "text_hash", "hints_hash", "outline", "flow"].map {
            "ALTER TABLE listed_item ADD COLUMN \($0) TEXT NOT NULL DEFAULT ''"
        } + ["UPDATE listed_item SET digest = '\(ItemVersion.oldMark)' || digest"]
        + [
            "tool_errors", "protocol_errors", "input_required", "cancelled", "answered",
            "nanoseconds", "longest", "result_bytes", "progress",
        ].map { "ALTER TABLE mcp_call ADD COLUMN \($0) INTEGER NOT NULL DEFAULT 0" }

    private static let first = [
        """
        CREATE TABLE capture (
            id INTEGER PRIMARY KEY, digest TEXT NOT NULL, name TEXT NOT NULL,
            packets INTEGER NOT NULL, bytes INTEGER NOT NULL,
            first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL, drops TEXT NOT NULL)
        """,
        "CREATE INDEX capture_digest ON capture (digest)",
        """
        CREATE TABLE address (
            address TEXT PRIMARY KEY, packets INTEGER NOT NULL, bytes_sent INTEGER NOT NULL,
            first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE binding (
            subject TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL, source TEXT NOT NULL,
            count INTEGER NOT NULL, first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL,
            PRIMARY KEY (subject, kind, value, source)) WITHOUT ROWID
        """,
        """
        CREATE TABLE app_use (
            client TEXT NOT NULL, app TEXT NOT NULL, domain TEXT NOT NULL, clue TEXT NOT NULL,
            strength INTEGER NOT NULL, name TEXT NOT NULL, category TEXT NOT NULL,
            flows INTEGER NOT NULL, bytes_up INTEGER NOT NULL, bytes_down INTEGER NOT NULL,
            first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL,
            PRIMARY KEY (client, app, domain, clue)) WITHOUT ROWID
        """,
        """
        CREATE TABLE fact (
            subject TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL, detail TEXT NOT NULL,
            count INTEGER NOT NULL, first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL,
            PRIMARY KEY (subject, kind, value, detail)) WITHOUT ROWID
        """,
        """
        CREATE TABLE listed_item (
            endpoint TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL,
            label TEXT, text TEXT, hints TEXT NOT NULL, count INTEGER NOT NULL,
            first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL,
            PRIMARY KEY (endpoint, kind, key, digest)) WITHOUT ROWID
        """,
        """
        CREATE TABLE mcp_call (
            endpoint TEXT NOT NULL, client TEXT NOT NULL, tool TEXT NOT NULL,
            count INTEGER NOT NULL, errors INTEGER NOT NULL,
            first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL,
            PRIMARY KEY (endpoint, client, tool)) WITHOUT ROWID
        """,
        """
        CREATE TABLE model_use (
            endpoint TEXT NOT NULL, path TEXT NOT NULL, api TEXT NOT NULL, client TEXT NOT NULL,
            user_agent TEXT NOT NULL, model TEXT NOT NULL, requests INTEGER NOT NULL,
            streaming INTEGER NOT NULL, answered INTEGER NOT NULL, first_seen INTEGER NOT NULL,
            last_seen INTEGER NOT NULL,
            PRIMARY KEY (endpoint, path, api, client, user_agent, model)) WITHOUT ROWID
        """,
        """
        CREATE TABLE evidence (
            subject TEXT NOT NULL, clue TEXT NOT NULL, detail TEXT NOT NULL,
            strength INTEGER NOT NULL, flow TEXT NOT NULL, count INTEGER NOT NULL,
            first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL,
            PRIMARY KEY (subject, clue, detail)) WITHOUT ROWID
        """,
        """
        CREATE TABLE alert (
            kind TEXT NOT NULL, subject TEXT NOT NULL, host TEXT NOT NULL, severity TEXT NOT NULL,
            detail TEXT NOT NULL, first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL,
            PRIMARY KEY (kind, subject, host)) WITHOUT ROWID
        """,
        """
        CREATE TABLE lookup (
            client TEXT NOT NULL, address TEXT NOT NULL, name TEXT NOT NULL, told INTEGER NOT NULL,
            expires INTEGER NOT NULL, PRIMARY KEY (client, address, name)) WITHOUT ROWID
        """,
        """
        CREATE TABLE open_flow (
            client TEXT NOT NULL, server TEXT NOT NULL, transport INTEGER NOT NULL,
            app TEXT NOT NULL, domain TEXT NOT NULL, clue TEXT NOT NULL, last_seen INTEGER NOT NULL,
            PRIMARY KEY (client, server, transport, app, domain, clue)) WITHOUT ROWID
        """,
        "CREATE TABLE organization (id INTEGER PRIMARY KEY CHECK (id = 1), document TEXT NOT NULL)",
    ]
}
