using System.CommandLine;
using SearchEngine.Vectors;

namespace SearchEngine.Workloads.Ingest;

/// <summary><c>ingest-memory</c>: one large text file into a collection, with the memory that the process comes to hold.</summary>
internal static class IngestMemoryCommand
{
    public static Command Create()
    {
        var megabytes = new Option<int>("--megabytes")
        {
            Description = "Size of the text file that is made",
            DefaultValueFactory = _ => 100,
        };
        var dimension = new Option<int>("--dimensions") { Description = "Dimensions of the vectors", DefaultValueFactory = _ => 384 };
        var step = new Option<int>("--step") { Description = "Passages between two lines", DefaultValueFactory = _ => 20_000 };
        var memory = new Option<int>("--memory-mb")
        {
            Description = "The collection's memory for records",
            DefaultValueFactory = _ => (int)(SearchDatabaseOptions.DefaultMemoryBytes >> 20),
        };
        var quantization = new Option<VectorQuantization>("--quantization")
        {
            Description = "The form of the codes",
            DefaultValueFactory = _ => VectorQuantization.Int8,
        };
        var keep = new Option<DirectoryInfo?>("--directory") { Description = "Where the database goes, to stay; else a temporary folder" };
        var command = new Command(
            "ingest-memory",
            "Resident memory while one text file is ingested, with made-up vectors in a model's place"
        )
        {
            megabytes,
            dimension,
            step,
            memory,
            quantization,
            keep,
        };
        command.SetAction(
            (parsed, cancellationToken) =>
                new IngestMemoryWorkload(
                    parsed.GetValue(megabytes),
                    parsed.GetValue(dimension),
                    parsed.GetValue(step),
                    parsed.GetValue(memory),
                    parsed.GetValue(quantization)
                ).RunAsync(parsed.GetValue(keep)?.FullName, cancellationToken)
        );
        return command;
    }
}
