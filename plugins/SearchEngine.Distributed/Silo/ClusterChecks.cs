using SearchEngine.Distributed.Log;
using SearchEngine.Distributed.Placement;

namespace SearchEngine.Distributed.Silo;

/// <summary>Holds the replicas of a collection against each other. Thread-safe.</summary>
public sealed class ClusterChecks(IPlacementStore placement, IGrainFactory grains)
{
    private const int Attempts = 20;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    /// <summary>
    /// Verifies every replica of every shard, and whether those of a shard hold the same. Meant for a collection that nobody writes to
    /// meanwhile: replicas at different positions cannot be compared, and that is said.
    /// </summary>
    /// <returns>What is wrong, one line each; none where all is sound.</returns>
    public async Task<IReadOnlyList<string>> VerifyAsync(SharedCollection collection, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(collection);
        var problems = new List<string>();
        for (var shard = 0; shard < collection.Shards; shard++)
            problems.AddRange(await VerifyAsync(collection, shard, cancellationToken).ConfigureAwait(false));
        return problems;
    }

    private async Task<IReadOnlyList<string>> VerifyAsync(SharedCollection collection, int shard, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var reports = await placement.ListReportsAsync(cancellationToken).ConfigureAwait(false);
            var silos = reports
                .Where(report => report.Replica.Shard == collection.LogOf(shard) && report.Replica.IsServing)
                .Select(report => report.Silo)
                .ToArray();
            var checks = await Task.WhenAll(silos.Select(silo => CheckAsync(silo, collection, shard))).ConfigureAwait(false);
            var moved =
                checks.Length == 0 || checks.Any(check => check is null) || checks.Select(check => check!.Position).Distinct().Count() > 1;
            if (!moved)
                return Compare(shard, silos, checks!);
            if (attempt == Attempts)
            {
                return
                [
                    silos.Length == 0
                        ? $"shard {shard}: no silo serves it"
                        : $"shard {shard}: its replicas did not come to one position: "
                            + string.Join(
                                ", ",
                                silos.Zip(checks, (silo, check) => $"{silo} at {check?.Position.ToString() ?? "no one position"}")
                            ),
                ];
            }

            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<ReplicaCheck?> CheckAsync(string silo, SharedCollection collection, int shard)
    {
        try
        {
            return await grains.GetGrain<IReplicaGrain>(silo).CheckAsync(collection.Id, shard).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OrleansException or TimeoutException or IOException)
        {
            return null;
        }
    }

    private static IReadOnlyList<string> Compare(int shard, string[] silos, ReplicaCheck[] checks)
    {
        var problems = silos
            .Zip(checks)
            .SelectMany(pair => pair.Second.Problems.Select(problem => $"shard {shard} on {pair.First}: {problem}"))
            .ToList();
        if (checks.Select(check => (check.Records, check.Hash)).Distinct().Count() > 1)
        {
            problems.Add(
                $"shard {shard}: its replicas differ at position {checks[0].Position}: "
                    + string.Join(", ", silos.Zip(checks, (silo, check) => $"{silo} has {check.Records} records, hash {check.Hash}"))
            );
        }
        return problems;
    }
}
