namespace SearchEngine.SemanticKernel;

/// <summary>
/// A store's hold on its database: opened at the first use, given back on <see cref="DisposeAsync"/>. A lease on a database that the caller
/// opened never disposes it. Thread-safe.
/// </summary>
internal sealed class DatabaseLease : IAsyncDisposable
{
    private readonly SearchDatabaseOptions? _options;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private volatile ISearchDatabase? _database;
    private volatile bool _disposed;

    /// <summary>A lease on the directory's database, shared with every other lease on it in this process.</summary>
    public DatabaseLease(SearchDatabaseOptions options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(options.Directory, nameof(options));
        _options = options;
        Directory = options.Directory;
    }

    /// <summary>A lease on a database that stays its owner's.</summary>
    public DatabaseLease(ISearchDatabase database)
    {
        _database = database;
        Directory = database.Location;
    }

    /// <summary>The database's directory.</summary>
    public string Directory { get; }

    /// <summary>What telemetry and exceptions call the store: the last part of the directory.</summary>
    public string Name => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Directory)));

    /// <summary>The database if it is open.</summary>
    public ISearchDatabase? Current => _disposed ? null : _database;

    /// <summary>The database, opened if need be.</summary>
    /// <exception cref="ObjectDisposedException">The lease was given back.</exception>
    public ValueTask<ISearchDatabase> GetAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(SearchEngineVectorStore));
        return _database is { } database ? new(database) : new(OpenAsync(cancellationToken));
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            if (_disposed)
                return;
            _disposed = true;
            if (_options is not null && _database is not null)
            {
                _database = null;
                await DatabaseRegistry.ReleaseAsync(_options.Directory).ConfigureAwait(false);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<ISearchDatabase> OpenAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(SearchEngineVectorStore));
            return _database ??= await DatabaseRegistry.AcquireAsync(_options!, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }
}
