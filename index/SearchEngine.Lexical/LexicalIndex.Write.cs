using Lucene.Net.Documents;
using Lucene.Net.Index;
using SearchEngine.Lexical.Indexing;

namespace SearchEngine.Lexical;

public sealed partial class LexicalIndex
{
    /// <summary>Locks by ordinal: enough that threads rarely meet.</summary>
    private const int Stripes = 64;

    private readonly Lock[] _stripes = [.. Enumerable.Range(0, Stripes).Select(_ => new Lock())];
    private readonly Lock _commitLock = new();

    // Why no write is taken any more, and whether one that was taken is lost: then nothing newer than what is visible may be shown.
    private volatile Exception? _writeError;
    private volatile bool _hasHoles;

    // Writes taken, and how many of them searches see at least.
    private long _changes;
    private long _visible;

    /// <summary>
    /// Adds documents, each replacing a document of the same ordinal. Not visible before <see cref="Refresh"/>,
    /// not durable before <see cref="Commit"/>.
    /// </summary>
    /// <exception cref="ArgumentException">A value does not fit the schema; earlier documents of the sequence were added.</exception>
    /// <exception cref="LexicalIndexException">The disk failed; see <see cref="Commit"/>.</exception>
    public void Add(IEnumerable<LexicalDocument> documents)
    {
        ArgumentNullException.ThrowIfNull(documents);
        ThrowIfDisposed();
        foreach (var document in documents)
        {
            var term = DocumentBuilder.OrdinalTerm(document.Ordinal);
            var fields = _documents.Build(document, term);
            Write(() =>
            {
                lock (_stripes[document.Ordinal % Stripes])
                {
                    // Deleting by term costs a look-up in every segment: spare it for ordinals that were never used.
                    if (_used.Add(document.Ordinal))
                        _writer.AddDocument(fields);
                    else
                        _writer.UpdateDocument(term, fields);
                }
            });
            Interlocked.Increment(ref _changes);
        }
    }

    /// <summary>Deletes the documents of these ordinals; ordinals that are not there are ignored.</summary>
    /// <exception cref="LexicalIndexException">The disk failed; see <see cref="Commit"/>.</exception>
    public void Delete(IEnumerable<int> ordinals)
    {
        ArgumentNullException.ThrowIfNull(ordinals);
        ThrowIfDisposed();
        foreach (var ordinal in ordinals)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(ordinal, nameof(ordinals));
            Write(() =>
            {
                lock (_stripes[ordinal % Stripes])
                {
                    if (_used.Contains(ordinal))
                        _writer.DeleteDocuments(DocumentBuilder.OrdinalTerm(ordinal));
                }
            });
            Interlocked.Increment(ref _changes);
        }
    }

    /// <summary>
    /// Makes all earlier writes visible to searches. Costs almost nothing when there were none. Searches go on after the disk failed: what
    /// it refuses of the writes that were taken is kept in memory.
    /// </summary>
    /// <exception cref="LexicalIndexException">A write that was taken is lost and not visible; see <see cref="Commit"/>.</exception>
    public void Refresh()
    {
        ThrowIfDisposed();
        var changes = Volatile.Read(ref _changes);
        if (_writeError is not null && Volatile.Read(ref _visible) >= changes)
            return;
        if (_hasHoles)
            throw Refused(_writeError!);
        Guarded(() => _searchers.MaybeRefreshBlocking());
        InterlockedMax(ref _visible, changes);
    }

    /// <summary>Makes all earlier writes durable (written and fsynced) under <paramref name="userData"/>.</summary>
    /// <param name="userData">The caller's own data, for example a log address; read back as <see cref="CommitData"/>.</param>
    /// <returns>The commit's generation, larger than all before.</returns>
    /// <exception cref="LexicalIndexException">
    /// The disk failed. The previous commits stand, writes since then may be lost, and all further writes are refused:
    /// dispose the index, open it again and replay.
    /// </exception>
    public long Commit(IReadOnlyDictionary<string, string> userData)
    {
        ArgumentNullException.ThrowIfNull(userData);
        if (userData.ContainsKey(SchemaCodec.Key))
            throw new ArgumentException($"The key '{SchemaCodec.Key}' is reserved.", nameof(userData));
        ThrowIfDisposed();
        lock (_commitLock)
        {
            // What the commit may fail to write is visible before: small segments need no disk for that.
            Refresh();
            Write(() => CommitWriter(userData), losesWrites: false);
            Generation = _keeper.Generations[^1];
            return Generation;
        }
    }

    private void CommitWriter(IReadOnlyDictionary<string, string> userData)
    {
        var data = new Dictionary<string, string>(userData, StringComparer.Ordinal) { [SchemaCodec.Key] = SchemaCodec.Encode(_schema) };
        _writer.SetCommitData(data);
        _writer.Commit();
        _commitData = new Dictionary<string, string>(userData, StringComparer.Ordinal);
    }

    private void Write(Action action, bool losesWrites = true)
    {
        if (_writeError is { } earlier)
            throw Refused(earlier);
        Guarded(action, losesWrites);
    }

    /// <param name="action">Works with the disk.</param>
    /// <param name="losesWrites">
    /// Whether Lucene drops documents where the disk fails. A commit does not: it flushes into files that are kept whatever the disk says,
    /// and what it fails to write out is still in memory, together with what was written beside it.
    /// </param>
    private void Guarded(Action action, bool losesWrites = true)
    {
        try
        {
            action();
        }
        catch (Exception e) when (IsStorageError(e))
        {
            // Lucene drops the documents of a failed flush: whatever follows would commit an index with holes.
            _writeError ??= e;
            _hasHoles |= losesWrites;
            throw Refused(e);
        }
    }

    private LexicalIndexException Refused(Exception cause) =>
        new(
            $"The index in '{_location}' could not be written: {cause.Message} The last commit stands; free the cause, open the index again and replay the writes since.",
            _location,
            cause
        );

    private static void InterlockedMax(ref long target, long value)
    {
        for (var seen = Volatile.Read(ref target); seen < value; )
        {
            var before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen)
                return;
            seen = before;
        }
    }
}
