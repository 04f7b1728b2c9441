namespace SearchEngine.Migration;

/// <summary>The kinds of stores that can be read.</summary>
public enum StoreKind
{
    /// <summary>JSON of Qdrant's scroll: one answer, several one after the other, or points.</summary>
    Qdrant,

    /// <summary>JSON of Chroma's <c>get</c>, or the folder of its persistent client (<c>chroma.sqlite3</c> and the index
    /// folders).</summary>
    Chroma,

    /// <summary>Parquet, or Arrow IPC (file or stream), as LanceDB and many others write it.</summary>
    LanceDb,

    /// <summary>PostgreSQL with pgvector: <c>COPY … TO</c> as text or CSV, or a plain <c>pg_dump</c>.</summary>
    Pgvector,

    /// <summary>A SQLite file with vec0 tables.</summary>
    SqliteVec,
}
