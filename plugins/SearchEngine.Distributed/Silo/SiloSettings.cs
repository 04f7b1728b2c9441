using System.Net;
using SearchEngine.Distributed.Placement;
using SearchEngine.Distributed.Replication;

namespace SearchEngine.Distributed.Silo;

/// <summary>How a program is a silo of a cluster: a member that holds replicas. Immutable.</summary>
public sealed record SiloSettings
{
    /// <summary>The port for other silos, unless another is chosen.</summary>
    public const int DefaultSiloPort = 11111;

    /// <summary>The port for clients, unless another is chosen.</summary>
    public const int DefaultGatewayPort = 30000;

    /// <summary>Its name and part in placement.</summary>
    public required PlacementOptions Placement { get; init; }

    /// <summary>Its replicas.</summary>
    public required ReplicaOptions Replicas { get; init; }

    /// <summary>The address at which the other silos and clients reach it.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>Its port for other silos.</summary>
    public int SiloPort { get; init; } = DefaultSiloPort;

    /// <summary>Its port for clients.</summary>
    public int GatewayPort { get; init; } = DefaultGatewayPort;
}
