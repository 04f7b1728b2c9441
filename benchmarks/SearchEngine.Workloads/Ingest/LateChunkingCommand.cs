using System.CommandLine;
using SearchEngine.Embeddings;

namespace SearchEngine.Workloads.Ingest;

/// <summary><c>late-chunking DIR</c>: passages embedded one by one beside passages embedded in the context of their document.</summary>
internal static class LateChunkingCommand
{
    public static Command Create()
    {
        var folder = new Argument<DirectoryInfo>("DIR") { Description = "A retrieval set in the BEIR layout" };
        var model = new Option<string>("--model")
        {
            Description = "A model folder that pools by the mean",
            DefaultValueFactory = _ => "models/default",
        };
        var chunk = new Option<int>("--chunk-tokens") { Description = "Most tokens of a passage", DefaultValueFactory = _ => 256 };
        var least = new Option<int>("--min-chunks")
        {
            Description = "Only queries all of whose documents have so many passages; the others stay in the corpus",
            DefaultValueFactory = _ => 2,
        };
        var longest = new Option<int?>("--max-length") { Description = "The most tokens that the model reads at once" };
        var command = new Command("late-chunking", "nDCG@10 of documents by their best passage: passages by themselves and in context")
        {
            folder,
            model,
            chunk,
            least,
            longest,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                using var embedder = Llm2VecEmbeddingGenerator.Load(
                    new Llm2VecOptions
                    {
                        ModelPath = parsed.GetValue(model)!,
                        Device = "cpu",
                        MaxLength = parsed.GetValue(longest),
                    }
                );
                await new LateChunkingWorkload(embedder, parsed.GetValue(chunk), parsed.GetValue(least)).RunAsync(
                    parsed.GetRequiredValue(folder).FullName,
                    cancellationToken
                );
                return 0;
            }
        );
        return command;
    }
}
