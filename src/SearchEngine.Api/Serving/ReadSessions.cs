using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using SearchEngine.Api.Requests;
using SearchEngine.Api.Security;

namespace SearchEngine.Api.Serving;

/// <summary>
/// The moments that callers hold between requests: so many at a time, each for a minute after its last use. Thread-safe.
/// </summary>
internal sealed class ReadSessions : IAsyncDisposable
{
    private const int MaxSessions = 256;
    private const long IdleMilliseconds = 60_000;
    private const int IdBytes = 16;

    private readonly ConcurrentDictionary<string, ReadSession> _sessions = new(StringComparer.Ordinal);
    private readonly Timer _sweeper;

    public ReadSessions() => _sweeper = new Timer(_ => _ = SweepAsync(), null, IdleMilliseconds / 4, IdleMilliseconds / 4);

    /// <summary>Opens a view of a collection and keeps it.</summary>
    /// <exception cref="RequestException">Too many are held already.</exception>
    public async Task<ReadSession> OpenAsync(string name, Caller caller, ISearchCollection collection, CancellationToken cancellationToken)
    {
        if (_sessions.Count >= MaxSessions)
            await SweepAsync();
        if (_sessions.Count >= MaxSessions)
        {
            throw new RequestException(
                StatusCodes.Status429TooManyRequests,
                "Too many requests",
                $"{MaxSessions} scrolls and views are open, which is all that may; close some, or wait a minute."
            );
        }

        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes));
        var view = await collection.OpenViewAsync(cancellationToken);
        return _sessions[id] = new ReadSession(id, name, caller.Name, collection, view);
    }

    /// <summary>Runs in a session, alone.</summary>
    /// <exception cref="RequestException">There is no such session of this caller and collection any more.</exception>
    public async Task<T> UseAsync<T>(
        string id,
        string name,
        Caller caller,
        Func<ReadSession, Task<T>> run,
        CancellationToken cancellationToken
    )
    {
        if (!_sessions.TryGetValue(id, out var session) || session.Collection != name || session.Caller != caller.Name)
            throw Gone();
        await session.Gate.WaitAsync(cancellationToken);
        try
        {
            if (!_sessions.ContainsKey(id))
                throw Gone();
            session.LastUse = Environment.TickCount64;
            return await run(session);
        }
        finally
        {
            session.LastUse = Environment.TickCount64;
            session.Gate.Release();
        }
    }

    /// <summary>A scroll's page by its token.</summary>
    /// <exception cref="RequestException">The token leads nowhere, or not any more.</exception>
    public Task<(IReadOnlyList<Document> Page, string? Next)> ScrollAsync(
        string token,
        string name,
        Caller caller,
        CancellationToken cancellationToken
    )
    {
        var dot = token.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0 || !long.TryParse(token.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var page))
            throw RequestException.Wrong("'after' takes the 'next' of the page before.");
        return UseAsync(
            token[..dot],
            name,
            caller,
            async session => (await session.ReadAsync(page) ?? throw Gone(), session.Next),
            cancellationToken
        );
    }

    /// <summary>Closes a session; false where there is none of that name.</summary>
    public async Task<bool> CloseAsync(string id, string name, Caller caller)
    {
        if (!_sessions.TryGetValue(id, out var session) || session.Collection != name || session.Caller != caller.Name)
            return false;
        return await CloseAsync(session);
    }

    public async ValueTask DisposeAsync()
    {
        await _sweeper.DisposeAsync();
        foreach (var session in _sessions.Values)
            await CloseAsync(session);
    }

    private async Task SweepAsync()
    {
        foreach (var session in _sessions.Values)
        {
            if (Environment.TickCount64 - session.LastUse > IdleMilliseconds)
                await CloseAsync(session);
        }
    }

    private async Task<bool> CloseAsync(ReadSession session)
    {
        if (!_sessions.TryRemove(session.Id, out _))
            return false;
        await session.Gate.WaitAsync();
        try
        {
            await session.DisposeAsync();
        }
        finally
        {
            session.Gate.Release();
        }

        return true;
    }

    private static RequestException Gone() =>
        new(StatusCodes.Status410Gone, "Gone", "This scroll or view is over: it was closed, or not used for a minute. Begin a new one.");
}
