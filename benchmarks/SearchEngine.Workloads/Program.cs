using System.CommandLine;
using SearchEngine.Workloads.Ann;
using SearchEngine.Workloads.Connector;
using SearchEngine.Workloads.Embed;
using SearchEngine.Workloads.Fidelity;
using SearchEngine.Workloads.Host;
using SearchEngine.Workloads.Ingest;
using SearchEngine.Workloads.Operations;
using SearchEngine.Workloads.Store;
using SearchEngine.Workloads.Train;

// Each group of workloads is one command in a file of its own; data goes to stdout, progress to stderr.
var root = new RootCommand("Recall, speed, latency and memory of SearchEngine's parts, measured on real or generated data.")
{
    AnnCommand.Create(),
    EmbedCommand.Create(),
    StoreCommand.Create(),
    TrainCommand.Create(),
    ConnectorCommand.Create(),
    OperationsCommand.Create(),
    FidelityCommand.Create(),
    HostCommand.Create(),
    LateChunkingCommand.Create(),
    IngestMemoryCommand.Create(),
};
return root.Parse(args).Invoke();
