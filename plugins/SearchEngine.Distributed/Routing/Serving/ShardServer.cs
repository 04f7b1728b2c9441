using SearchEngine.Distributed.Replication;
using SearchEngine.Distributed.Routing.Checking;
using SearchEngine.Distributed.Routing.Wire;
using SearchEngine.Sharding;
using static SearchEngine.Distributed.Routing.Wire.ShardCalls;

namespace SearchEngine.Distributed.Routing.Serving;

/// <summary>Answers the calls to a replica. Thread-safe.</summary>
internal sealed class ShardServer(SearchCollection collection, ShardWire wire, AppliedPosition applied) : IAsyncDisposable
{
    /// <summary>
    /// How long a call waits for a position. A replica that is up is milliseconds behind; of one that is not, another may know more.
    /// </summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private readonly ISearchShard _shard = collection.AsShard();
    private readonly OpenReads _reads = new(collection);

    /// <exception cref="ShardUnreachableException">The position is not applied in time, or the collection was closed.</exception>
    public async Task<ReadOnlyMemory<byte>> CallAsync(
        string operation,
        long minimumPosition,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken
    )
    {
        if (!await applied.WaitAsync(minimumPosition, LongestWait, cancellationToken).ConfigureAwait(false))
        {
            throw new ShardUnreachableException(
                $"A replica of collection '{collection.Name}' is at position {applied.Cursor.Position}, and {minimumPosition} was asked for."
            );
        }

        try
        {
            return await AnswerAsync(operation, body, cancellationToken).ConfigureAwait(false);
        }
        catch (SearchDatabaseException e)
        {
            return wire.WriteRefusal(new ShardRefusal(e.Error, e.Message, e.Key));
        }
        catch (ArgumentException e)
        {
            return wire.WriteRefusal(new ShardRefusal(null, e.Message));
        }
        catch (System.Text.Json.JsonException e)
        {
            throw new ShardUnreachableException(
                $"A call of '{operation}' cannot be read: the router is of another version. {e.Message}",
                e
            );
        }
        catch (ObjectDisposedException e)
        {
            throw new ShardUnreachableException($"A replica of collection '{collection.Name}' was closed.", e);
        }
    }

    /// <summary>What an applied entry came to; null where that is not known any more.</summary>
    public async Task<ShardOutcome?> OutcomeAsync(long position, CancellationToken cancellationToken)
    {
        var stored = await collection.GetMetadataAsync(ReplicaMetadata.OutcomeOf(position), cancellationToken).ConfigureAwait(false);
        if (stored is null)
            return null;
        var outcome = wire.Read<ShardOutcome>(System.Text.Encoding.UTF8.GetBytes(stored));
        return outcome.Position == position ? outcome : null;
    }

    public ValueTask DisposeAsync() => _reads.DisposeAsync();

    private async Task<ReplicaCheck> VerifyAsync(CancellationToken cancellationToken)
    {
        var position = applied.Cursor.Position;
        var report = await collection.VerifyAsync(progress: null, cancellationToken).ConfigureAwait(false);
        var hash = await ContentHash.OfAsync(collection, cancellationToken).ConfigureAwait(false);
        return new ReplicaCheck(
            position,
            applied.Cursor.Position == position,
            hash.Records,
            hash.Sum.ToString("x32", System.Globalization.CultureInfo.InvariantCulture),
            report.Problems,
            report.Checks
        );
    }

    private async Task<ReadOnlyMemory<byte>> AnswerAsync(string operation, ReadOnlyMemory<byte> body, CancellationToken token)
    {
        switch (operation)
        {
            case Candidates:
                return wire.WriteReply(await _shard.FindCandidatesAsync(wire.Read<ShardSearch>(body), token).ConfigureAwait(false));
            case Read:
                return wire.WriteReply(await _shard.ReadAsync(wire.Read<ShardRead>(body), token).ConfigureAwait(false));
            case Terms:
                return wire.WriteReply(await _shard.GetTermStatisticsAsync(wire.Read<ShardQuery>(body), token).ConfigureAwait(false));
            case Neighbors:
                return wire.WriteReply(await _shard.GetNeighborsAsync(wire.Read<string[]>(body), token).ConfigureAwait(false));
            case Completions:
                var (text, limit) = wire.Read<CompletionsCall>(body);
                return wire.WriteReply(await _shard.GetCompletionsAsync(text, limit, token).ConfigureAwait(false));
            case Together:
                var (words, others) = wire.Read<TogetherCall>(body);
                return wire.WriteReply(await _shard.CountTogetherAsync(words, others, token).ConfigureAwait(false));
            case Get:
                var get = wire.Read<GetCall>(body);
                return wire.WriteReply(await collection.GetAsync([.. get.Keys], get.IncludeVectors, token).ConfigureAwait(false));
            case Outcome:
                return wire.WriteReply(await OutcomeAsync(wire.Read<long>(body), token).ConfigureAwait(false));
            case Info:
                var info = await collection.GetInfoAsync(token).ConfigureAwait(false);
                return wire.WriteReply(
                    new ShardInfo(applied.Cursor.Position, info.Count, info.DiskBytes, info.LogBytes, info.MemoryBytes, info.LastCheckpoint)
                );
            case Verify:
                return wire.WriteReply(await VerifyAsync(token).ConfigureAwait(false));
            default:
                return await _reads.AnswerAsync(operation, body, wire, token).ConfigureAwait(false);
        }
    }
}
