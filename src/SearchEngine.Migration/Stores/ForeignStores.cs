using System.Text.Json;

namespace SearchEngine.Migration;

/// <summary>Opens what other stores left, recognized by content.</summary>
public static class ForeignStores
{
    private const int HeadBytes = 512;
    private const string Readable =
        "Qdrant (scroll JSON), Chroma (JSON of get, or its folder), LanceDB and others through Parquet or Arrow, pgvector (COPY "
        + "or pg_dump) and sqlite-vec files are read";

    /// <summary>Opens a file or a folder.</summary>
    /// <exception cref="MigrationException">It is of no kind that can be read; the message says which can, and how to make one of
    /// them.</exception>
    public static async Task<IForeignStore> OpenAsync(string path, StoreOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(options);
        if (Directory.Exists(path))
            return OpenFolder(path, options);
        if (!File.Exists(path))
            throw new MigrationException($"There is no file or folder '{path}'.");
        var head = new byte[HeadBytes];
        await using (var file = File.OpenRead(path))
        {
            var length = await file.ReadAtLeastAsync(head, HeadBytes, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            head = head[..length];
        }

        if (head.Length == 0)
            throw new MigrationException($"{path} is empty.");
        var store = await OpenFileAsync(path, head, options, cancellationToken).ConfigureAwait(false);
        if (options.Kind is { } asked && KindOf(store) != asked)
            throw new MigrationException($"{path} is a {store.Kind}, not what --from {asked.ToString().ToLowerInvariant()} reads.");
        return store;
    }

    private static IForeignStore OpenFolder(string path, StoreOptions options)
    {
        var chroma = Path.Combine(path, "chroma.sqlite3");
        if (File.Exists(chroma))
            return new ChromaFolder(chroma, options.Table);
        if (
            Directory.Exists(Path.Combine(path, "_versions"))
            || path.TrimEnd('/', '\\').EndsWith(".lance", StringComparison.OrdinalIgnoreCase)
        )
        {
            throw new MigrationException(
                $"{path} is a table in Lance's own format: write it as Parquet first (Python: "
                    + "pyarrow.parquet.write_table(table.to_arrow(), \"notes.parquet\"))."
            );
        }
        throw new MigrationException($"{path} is a folder without chroma.sqlite3; {Readable}.");
    }

    private static async Task<IForeignStore> OpenFileAsync(
        string path,
        byte[] head,
        StoreOptions options,
        CancellationToken cancellationToken
    )
    {
        if (head.AsSpan().StartsWith("PAR1"u8))
            return new ParquetFile(path);
        if (head.AsSpan().StartsWith("ARROW1"u8))
            return new ArrowFile(path, isStream: false);
        if (head.AsSpan().StartsWith<byte>([0xff, 0xff, 0xff, 0xff]))
            return new ArrowFile(path, isStream: true);
        if (head.AsSpan().StartsWith("SQLite format 3\0"u8))
            return OpenSqlite(path, options);
        if (head.AsSpan().StartsWith("PGCOPY\n"u8) || head.AsSpan().StartsWith("PGDMP"u8))
            throw new MigrationException($"{path} is in a binary format of PostgreSQL; {PostgresFile.HowToExport}.");
        if (head.Length > 262 && head.AsSpan(257, 5).SequenceEqual("ustar"u8))
            throw new MigrationException($"{path} is an archive; if it is a snapshot of Qdrant, {QdrantScroll.HowToExport}.");
        var first = (char)head.FirstOrDefault(value => value > ' ' && value is not (0xef or 0xbb or 0xbf));
        if (first is '{' or '[' && options.Kind is not StoreKind.Pgvector)
            return await OpenJsonAsync(path, cancellationToken).ConfigureAwait(false);
        if (head.Contains((byte)0))
            throw new MigrationException($"{path} is of no kind that can be read; {Readable}.");
        var isCsv = Path.GetExtension(path).Equals(".csv", StringComparison.OrdinalIgnoreCase);
        return new PostgresFile(path, isCsv, options);
    }

    private static IForeignStore OpenSqlite(string path, StoreOptions options)
    {
        HashSet<string> tables;
        using (var connection = SqliteFile.Open(path))
            tables = [.. SqliteFile.Tables(connection).Select(table => table.Name)];
        return tables.Contains("embedding_metadata") && tables.Contains("segments")
            ? new ChromaFolder(path, options.Table)
            : new SqliteVecTable(path, options.Table, options.Join);
    }

    private static async Task<IForeignStore> OpenJsonAsync(string path, CancellationToken cancellationToken)
    {
        await foreach (var value in JsonStream.ReadAsync(path, cancellationToken).ConfigureAwait(false))
        {
            if (ChromaJson.Looks(value))
                return new ChromaJson(path);
            if (QdrantScroll.Looks(value))
                return new QdrantScroll(path);
            break;
        }

        throw new MigrationException($"{path} is JSON, but neither a scroll of Qdrant nor an answer of Chroma's get; {Readable}.");
    }

    private static StoreKind KindOf(IForeignStore store) =>
        store switch
        {
            QdrantScroll => StoreKind.Qdrant,
            ChromaJson or ChromaFolder => StoreKind.Chroma,
            PostgresFile => StoreKind.Pgvector,
            SqliteVecTable => StoreKind.SqliteVec,
            _ => StoreKind.LanceDb,
        };
}
