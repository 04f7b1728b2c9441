using Lucene.Net.Analysis;
using Lucene.Net.Index;
using Lucene.Net.Search;
using Lucene.Net.Search.Similarities;
using Lucene.Net.Store;
using SearchEngine.Lexical.Analysis;
using SearchEngine.Lexical.Indexing;
using SearchEngine.Lexical.Mapped;
using SearchEngine.Lexical.Querying;
using Directory = Lucene.Net.Store.Directory;
using MergeScheduler = SearchEngine.Lexical.Indexing.MergeScheduler;

namespace SearchEngine.Lexical;

/// <summary>
/// BM25 full-text search and exact filters over documents known by an integer ordinal, kept in a Lucene index on disk.
/// </summary>
/// <remarks>
/// <para>All members may be called from many threads at once, except that <see cref="Dispose"/> must come last. Writes of one
/// ordinal from several threads take effect in some order; each of them is atomic.</para>
/// <para>Writes become visible to searches at <see cref="Refresh"/> and durable at <see cref="Commit"/>. What was not committed is
/// gone after <see cref="Dispose"/> or a crash: the caller replays it from its own log, which is safe because adding and deleting
/// are idempotent. The last two commits stay openable.</para>
/// <para>One instance owns a directory (Lucene's lock file); a second one is refused.</para>
/// </remarks>
public sealed partial class LexicalIndex : IDisposable
{
    /// <summary>Commits kept: the newest, and the one before for an owner whose own checkpoint did not complete.</summary>
    private const int KeptCommits = 2;

    /// <summary>
    /// Memory for documents not yet written to a segment. Larger buffers make fewer, larger segments, and take as much again for a segment
    /// that is being written.
    /// </summary>
    private const double RamBufferMegabytes = 16;

    /// <summary>
    /// Segments flushed for near-real-time searches stay in memory up to these sizes until a commit writes them, and as long as a reader has
    /// them open after that: until they are merged. Searches between small writes make segments far smaller than these.
    /// </summary>
    private const double MaxCachedMergeMegabytes = 1;
    private const double MaxCachedMegabytes = 8;

    private readonly string _location;
    private readonly Directory _directory;
    private readonly LexicalSchema _schema;
    private readonly Dictionary<string, LexicalField> _fields;
    private readonly Analyzer _analyzer;
    private readonly CommitKeeper _keeper;
    private readonly MergeScheduler _mergeScheduler;
    private readonly IndexWriter _writer;
    private readonly SearcherManager _searchers;
    private readonly DocumentBuilder _documents;
    private readonly UsedOrdinals _used;
    private volatile IReadOnlyDictionary<string, string> _commitData = new Dictionary<string, string>();
    private volatile SynonymTable? _synonyms;
    private volatile LexicalSynonyms? _synonymRules;
    private int _disposed;

    private LexicalIndex(Directory directory, string location, LexicalSchema schema, Analyzer analyzer, IndexCommit? commit, bool readOnly)
    {
        _location = location;
        _schema = schema;
        _fields = schema.Fields.ToDictionary(f => f.Name, StringComparer.Ordinal);
        _analyzer = analyzer;
        _documents = new DocumentBuilder(schema, keepsWords: analyzer is WordAnalyzer);
        _used = new UsedOrdinals(ForEachOrdinal);
        _keeper = new CommitKeeper(KeptCommits, commit?.Generation);
        _mergeScheduler = new MergeScheduler();
        _directory = directory;
        var similarity = new BM25Similarity(schema.K1, schema.B);
        var config = new IndexWriterConfig(AnalyzerFactory.Version, analyzer)
        {
            OpenMode = OpenMode.CREATE_OR_APPEND,
            Similarity = similarity,
            IndexDeletionPolicy = _keeper,
            MergeScheduler = _mergeScheduler,
            RAMBufferSizeMB = RamBufferMegabytes,
            WriteLockTimeout = 0,
            MergedSegmentWarmer = new SegmentWarmer(),
        };
        if (commit is not null)
            config.IndexCommit = commit;
        // What is written to an index that is only read stays in memory: merges would bring all of it there.
        if (readOnly)
            config.MergePolicy = NoMergePolicy.NO_COMPOUND_FILES;
        _writer = new IndexWriter(_directory, config);
        try
        {
            if (commit is null)
                CommitWriter(new Dictionary<string, string>());
            else
                _commitData = WithoutSchema(commit.UserData);
            Generation = _keeper.Generations[^1];
            _searchers = new SearcherManager(_writer, applyAllDeletes: true, new Bm25SearcherFactory(similarity));
        }
        catch
        {
            _searchers?.Dispose();
            _writer.Rollback();
            throw;
        }
    }

    /// <summary>Generation of the newest commit: the one opened, or the last one made.</summary>
    public long Generation { get; private set; }

    /// <summary>Generations of the commits that can be opened, oldest first.</summary>
    public IReadOnlyList<long> Generations => _keeper.Generations;

    /// <summary>The user data of the newest commit, as given to <see cref="Commit"/>.</summary>
    public IReadOnlyDictionary<string, string> CommitData => _commitData;

    /// <summary>The schema given to <see cref="Open(string, LexicalSchema, long?)"/>.</summary>
    public LexicalSchema Schema => _schema;

    /// <summary>
    /// Words that stand for each other in queries; null for none. It may be set at any time and acts on searches from then on.
    /// </summary>
    public LexicalSynonyms? Synonyms
    {
        get => _synonymRules;
        set
        {
            var reader = new ClauseReader(_analyzer, null);
            _synonyms = value?.ForAnalyzer(words => reader.Phrase(ClauseKind.Optional, words)?.Alternatives[0]);
            _synonymRules = value;
        }
    }

    /// <summary>The last failure of a background merge, which loses nothing and is tried again; null if none failed.</summary>
    public Exception? LastMergeError => _mergeScheduler.LastError;

    /// <summary>Opens the index in a directory, creating both if there is none.</summary>
    /// <param name="directory">The index's own directory.</param>
    /// <param name="schema">Fields and analyzer, the same as at creation.</param>
    /// <param name="generation">The commit to open, as returned by <see cref="Commit"/>; newer ones are then discarded. Null opens the
    /// newest.</param>
    /// <exception cref="ArgumentException">The schema is not valid.</exception>
    /// <exception cref="LexicalIndexException">Damage, another schema, no such commit, or another instance has the index open.</exception>
    public static LexicalIndex Open(string directory, LexicalSchema schema, long? generation = null) =>
        Open(directory, schema, generation, wrapper: null);

    /// <summary>
    /// Opens a commit of an index without changing anything on the disk and without a lock: several processes may. Writes are possible
    /// and stay in memory.
    /// </summary>
    /// <param name="directory">The index's directory.</param>
    /// <param name="schema">Fields and analyzer, the same as at creation.</param>
    /// <param name="generation">The commit to open, as returned by <see cref="Commit"/>.</param>
    /// <exception cref="LexicalIndexException">Damage, another schema, no such commit.</exception>
    public static LexicalIndex OpenReadOnly(string directory, LexicalSchema schema, long generation)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(schema);
        return Open(
            new OverlayDirectory(OpenFolder(directory, NoLockFactory.GetNoLockFactory())),
            directory,
            schema,
            generation,
            readOnly: true
        );
    }

    /// <summary>As the public one; tests put a directory that fails around the one on disk.</summary>
    internal static LexicalIndex Open(string directory, LexicalSchema schema, long? generation, DirectoryWrapper? wrapper)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(schema);
        Directory lucene;
        try
        {
            lucene = OpenFolder(System.IO.Directory.CreateDirectory(directory).FullName, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LexicalIndexException($"The index directory '{directory}' cannot be opened: {e.Message}", directory, e);
        }
        return Open(wrapper is null ? lucene : wrapper(lucene), directory, schema, generation);
    }

    private static Directory OpenFolder(string directory, LockFactory? locks) => new MappedDirectory(new DirectoryInfo(directory), locks);

    /// <summary>Opens an index in any Lucene directory, which the index then owns.</summary>
    internal static LexicalIndex Open(Directory storage, string location, LexicalSchema schema, long? generation, bool readOnly = false)
    {
        var keeping = new KeepingDirectory(storage);
        Directory directory = new SmallSegmentCache(new CheckedDirectory(keeping), MaxCachedMergeMegabytes, MaxCachedMegabytes);
        try
        {
            SchemaCodec.Validate(schema);
            var analyzer = AnalyzerFactory.Create(schema.Analyzer);
            var commit = CommitFinder.Find(directory, location, generation);
            if (commit is not null)
                SchemaCodec.RequireSame(commit.UserData.TryGetValue(SchemaCodec.Key, out var stored) ? stored : null, schema, location);
            var index = new LexicalIndex(directory, location, schema, analyzer, commit, readOnly);
            keeping.OnRefused = e => index._writeError ??= e;
            return index;
        }
        catch (LockObtainFailedException e)
        {
            directory.Dispose();
            throw new LexicalIndexException(
                $"The index in '{location}' is open in another instance or process. Close that first.",
                location,
                e
            );
        }
        catch (IOException e) when (IsNewerFormat(e))
        {
            directory.Dispose();
            throw new LexicalIndexException(
                $"The index in '{location}' has a newer format version than this one reads: {e.Message} Use a newer version.",
                location,
                e
            )
            {
                IsNewerVersion = true,
            };
        }
        catch (Exception e) when (IsStorageError(e))
        {
            directory.Dispose();
            throw new LexicalIndexException(
                $"The index in '{location}' cannot be read: {e.Message} Rebuild it from the records.",
                location,
                e
            );
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The names of a commit's files, which are never written again and stay as long as the commit is one of <see cref="Generations"/>.
    /// </summary>
    /// <exception cref="LexicalIndexException">There is no such commit.</exception>
    public IReadOnlyCollection<string> FilesOf(long generation) =>
        _keeper.FilesOf(generation)
        ?? throw new LexicalIndexException($"The index in '{_location}' has no commit {generation}.", _location);

    /// <summary>
    /// Reads the whole newest commit and checks it against itself. Writes since that commit are not checked.
    /// Takes as long as reading the index; searches and writes go on meanwhile.
    /// </summary>
    /// <returns>What is wrong, one line each; empty if the commit is sound.</returns>
    public IReadOnlyList<string> Check()
    {
        ThrowIfDisposed();
        using var output = new StringWriter();
        try
        {
            using var commit = new CommitDirectory(_directory, FilesOf(Generation));
            var status = new CheckIndex(commit) { InfoStream = output }.DoCheckIndex();
            if (status.Clean)
                return [];
            List<string> lines =
            [
                .. output
                    .ToString()
                    .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                    .Where(line =>
                        line.Contains("ERROR", StringComparison.Ordinal)
                        || line.Contains("FAILED", StringComparison.Ordinal)
                        || line.Contains("Exception", StringComparison.Ordinal)
                    )
                    .Distinct(StringComparer.Ordinal),
            ];
            lines.Insert(
                0,
                status.MissingSegments
                    ? $"The files of commit {Generation} cannot be read."
                    : $"{status.NumBadSegments} of {status.NumSegments} segments are damaged; {status.TotLoseDocCount} documents cannot be read."
            );
            return lines;
        }
        catch (Exception e) when (IsStorageError(e))
        {
            return [$"The index cannot be read: {e.Message}"];
        }
    }

    /// <summary>Closes the index. Writes since the last <see cref="Commit"/> are discarded.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _searchers.Dispose();
        try
        {
            _writer.Rollback();
        }
        catch (Exception e) when (IsStorageError(e))
        {
            // The disk failed: the last commit stands, which is all that Dispose promises. No merge may go on in a folder that is
            // opened again.
            _mergeScheduler.Sync();
        }
        _analyzer.Dispose();
        try
        {
            _directory.Dispose();
        }
        catch (Exception e) when (IsStorageError(e))
        {
            // As above: what was cached in memory had not been committed.
        }
    }

    /// <summary>Lucene.NET says it with an exception of its own for segments, and in words alone for what a file's header says.</summary>
    private static bool IsNewerFormat(IOException e) =>
        e is IndexFormatTooNewException || e.Message.Contains("is not supported. Maximum Version", StringComparison.Ordinal);

    private static bool IsStorageError(Exception e) =>
        e
            is IOException
                or UnauthorizedAccessException
                or ObjectDisposedException
                or OutOfMemoryException
                or System.Security.SecurityException
        || e.GetType().Namespace?.StartsWith("Lucene.Net", StringComparison.Ordinal) == true
        || e is InvalidOperationException or ArgumentException or IndexOutOfRangeException or NullReferenceException
            && e.Source == "Lucene.Net";

    private static Dictionary<string, string> WithoutSchema(IDictionary<string, string> data)
    {
        var result = new Dictionary<string, string>(data, StringComparer.Ordinal);
        result.Remove(SchemaCodec.Key);
        return result;
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);

    private sealed class Bm25SearcherFactory(Similarity similarity) : SearcherFactory
    {
        public override IndexSearcher NewSearcher(IndexReader reader) => new(reader) { Similarity = similarity };
    }
}
