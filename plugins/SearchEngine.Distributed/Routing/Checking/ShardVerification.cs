namespace SearchEngine.Distributed.Routing.Checking;

/// <summary>What a check of all replicas of a shard found. Immutable.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Replicas">Every replica that serves it, as it was found.</param>
public sealed record ShardVerification(int Shard, IReadOnlyList<ReplicaVerification> Replicas)
{
    /// <summary>Whether all replicas answered, each of one position, the same of all: only then do their hashes say anything.</summary>
    public bool IsCompared =>
        Replicas.Count > 0
        && Replicas.All(replica => replica.Found is { IsSteady: true })
        && Replicas.Select(replica => replica.Found!.Position).Distinct().Count() == 1;

    /// <summary>What is wrong, one line each, with the silo; none where all that could be looked at is sound and the same.</summary>
    public IReadOnlyList<string> Problems =>
        [
            .. Replicas.Count == 0 ? [$"shard {Shard}: no silo serves it"] : Array.Empty<string>(),
            .. Replicas.Where(replica => replica.Failure is not null).Select(replica => Line(replica, replica.Failure!)),
            .. Lines(check => check.Problems),
            .. Difference is { } difference ? [difference] : Array.Empty<string>(),
        ];

    /// <summary>What was checked of each replica, and where they were not compared, why.</summary>
    public IReadOnlyList<string> Checks =>
        [
            .. Lines(check => check.Checks),
            IsCompared
                ? FormattableString.Invariant(
                    $"shard {Shard}: content hashes of {Replicas.Count} replicas at position {Replicas[0].Found!.Position}"
                )
                : $"shard {Shard}: {NotCompared}",
        ];

    /// <summary>Why the replicas could not be compared; null where they were.</summary>
    public string? NotCompared =>
        IsCompared ? null
        : Replicas.All(replica => replica.Found is null) ? "its replicas were not compared: none answered"
        : Replicas.Any(replica => replica.Found is null) ? "its replicas were not compared: one did not answer"
        : $"its replicas were written to all the while and were not compared: {string.Join(", ", Replicas.Select(At))}";

    private string? Difference
    {
        get
        {
            var groups = Replicas
                .Where(replica => replica.Found is { IsSteady: true })
                .GroupBy(replica => replica.Found!.Position)
                .Select(at => (at.Key, Contents: at.GroupBy(replica => (replica.Found!.Records, replica.Found.Hash)).ToArray()))
                .Where(at => at.Contents.Length > 1)
                .ToArray();
            return groups.Length == 0
                ? null
                : $"shard {Shard}: its replicas differ at position {groups[0].Key}: "
                    + string.Join(
                        ", ",
                        groups[0]
                            .Contents.OrderByDescending(content => content.Count())
                            .Select(content =>
                                $"{string.Join(" and ", content.Select(replica => replica.Replica))} with {content.Key.Records} records, hash {content.Key.Hash}"
                            )
                    );
        }
    }

    private IEnumerable<string> Lines(Func<ReplicaCheck, IReadOnlyList<string>> what) =>
        Replicas
            .Where(replica => replica.Found is not null)
            .SelectMany(replica => what(replica.Found!).Select(line => Line(replica, line)));

    private string Line(ReplicaVerification replica, string what) => $"shard {Shard} on {replica.Replica}: {what}";

    private static string At(ReplicaVerification replica) =>
        FormattableString.Invariant($"{replica.Replica} {(replica.Found!.IsSteady ? "at" : "from")} {replica.Found.Position}");
}
