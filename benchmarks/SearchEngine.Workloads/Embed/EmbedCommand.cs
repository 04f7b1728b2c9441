using System.CommandLine;

namespace SearchEngine.Workloads.Embed;

/// <summary>The <c>embed</c> group: throughput and latency of the embedder.</summary>
internal static class EmbedCommand
{
    public static Command Create()
    {
        Option<string?> model = new("--model")
        {
            Description = "A model folder; without it a random LLaMA of the chosen shape is made in a temporary folder.",
        };
        Option<string> shape = new("--shape")
        {
            Description = "base (hidden 512, 8 layers), query (384, 6 layers), 125m (768, 16 layers), 1.3b or 7b.",
            DefaultValueFactory = _ => "base",
        };
        Option<string> device = new("--device") { Description = "auto, cpu or cuda.", DefaultValueFactory = _ => "cpu" };
        Option<string> types = new("--dtype")
        {
            Description = "Data types, separated by commas.",
            DefaultValueFactory = _ => "float32,int8",
        };
        Option<double> seconds = new("--seconds") { Description = "How long each measurement runs.", DefaultValueFactory = _ => 5 };
        Option<int?> batchTokens = new("--batch-tokens") { Description = "Tokens computed at once." };
        Option<double?> peak = new("--peak-tflops")
        {
            Description = "The device's peak in this data type; adds the share of it that the model's own arithmetic comes to.",
        };
        Option<string?> vectors = new("--vectors")
        {
            Description = "Also write the vectors of every set in the first data type, as SET.vectors.jsonl in this folder.",
        };
        Option<bool> firstVector = new("--first-vector")
        {
            Description =
                "Only load --model, embed one query, and print the milliseconds since the process began, those of processors, megabytes of private memory, and the milliseconds of loading.",
        };
        Option<string?> weightCache = new("--weight-cache")
        {
            Description = "The folder in which weights are kept as the kernels read them, or none; without it the user's.",
        };
        Command command = new(
            "embed",
            "Tokens per second and per CPU-second, latency of a short query, time to the first vector, peak memory; JSON."
        )
        {
            model,
            shape,
            device,
            types,
            seconds,
            batchTokens,
            peak,
            vectors,
            firstVector,
            weightCache,
        };
        command.SetAction(
            (result, cancellationToken) =>
                new EmbedWorkload(
                    result.GetValue(model),
                    result.GetValue(shape)!,
                    result.GetValue(device)!,
                    result.GetValue(types)!.Split(','),
                    result.GetValue(seconds),
                    result.GetValue(batchTokens),
                    result.GetValue(peak),
                    result.GetValue(vectors),
                    result.GetValue(weightCache)
                ).RunAsync(result.GetValue(firstVector), cancellationToken)
        );
        command.Subcommands.Add(Make());
        return command;
    }

    private static Command Make()
    {
        Option<string> shape = new("--shape") { Description = "tiny, base, query, 125m, 1.3b or 7b.", DefaultValueFactory = _ => "base" };
        Option<string> device = new("--device")
        {
            Description = "Where large models are drawn: cpu or cuda.",
            DefaultValueFactory = _ => "cpu",
        };
        Option<string> output = new("--output") { Description = "The folder to write.", Required = true };
        Command command = new("make", "Writes the random model of a shape and the token sequences that are measured, for a peer.")
        {
            shape,
            device,
            output,
        };
        command.SetAction(result => EmbedData.Write(result.GetValue(shape)!, result.GetValue(device)!, result.GetValue(output)!));
        return command;
    }
}
