using SearchEngine.Distributed.Replication;

namespace SearchEngine.Distributed.Placement;

/// <summary>Where the cluster keeps who belongs to it and what each silo holds. Thread-safe.</summary>
public interface IPlacementStore
{
    /// <summary>The map as it is.</summary>
    Task<ClusterMap> GetMapAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Changes the map: what is made of the present one takes its place, unless another change came first; then it is made again of that.
    /// </summary>
    /// <param name="change">Makes the new map; called again after another's change. Where it returns the same, nothing is written.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The map that stands then.</returns>
    Task<ClusterMap> ChangeMapAsync(Func<ClusterMap, ClusterMap> change, CancellationToken cancellationToken = default);

    /// <summary>Puts a silo's reports in the place of its earlier ones.</summary>
    Task ReportAsync(string silo, IReadOnlyList<ReplicaReport> replicas, CancellationToken cancellationToken = default);

    /// <summary>What all silos last said.</summary>
    Task<IReadOnlyList<SiloReport>> ListReportsAsync(CancellationToken cancellationToken = default);

    /// <summary>How long ago each silo last said anything, by the database's clock; also of what it holds nothing.</summary>
    Task<IReadOnlyDictionary<string, TimeSpan>> ListSilosAsync(CancellationToken cancellationToken = default);

    /// <summary>Forgets what a silo said.</summary>
    Task ForgetAsync(string silo, CancellationToken cancellationToken = default);
}
