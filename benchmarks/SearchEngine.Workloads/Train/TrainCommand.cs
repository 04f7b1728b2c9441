using System.CommandLine;
using System.Text.Json;
using SearchEngine.Training;

namespace SearchEngine.Workloads.Train;

/// <summary>The <c>train</c> group: speed of training against the measured matmul peak.</summary>
internal static class TrainCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static Command Create()
    {
        Option<int> hidden = new("--hidden") { Description = "Hidden size; heads are of 64.", DefaultValueFactory = _ => 512 };
        Option<int> layers = new("--layers") { Description = "Layers.", DefaultValueFactory = _ => 7 };
        Option<int> vocabulary = new("--vocabulary") { Description = "Token embeddings.", DefaultValueFactory = _ => 16_000 };
        Option<int> batch = new("--batch") { Description = "Sequences per step.", DefaultValueFactory = _ => 16 };
        Option<int> length = new("--length") { Description = "Tokens per sequence.", DefaultValueFactory = _ => 128 };
        Option<double> seconds = new("--seconds") { Description = "How long to measure.", DefaultValueFactory = _ => 20 };
        Option<string> device = new("--device") { Description = "auto, cpu or cuda.", DefaultValueFactory = _ => "auto" };
        Command command = new(
            "train",
            "Tokens per second of MNTP training with all weights, and its share of the measured matmul peak; JSON."
        )
        {
            hidden,
            layers,
            vocabulary,
            batch,
            length,
            seconds,
            device,
        };
        command.SetAction(
            (result, cancellationToken) =>
            {
                var found = TrainingThroughput.Measure(
                    result.GetValue(hidden),
                    result.GetValue(layers),
                    result.GetValue(vocabulary),
                    result.GetValue(batch),
                    result.GetValue(length),
                    result.GetValue(seconds),
                    result.GetValue(device)!,
                    cancellationToken
                );
                Console.WriteLine(JsonSerializer.Serialize(found, Json));
                return Task.FromResult(0);
            }
        );
        return command;
    }
}
