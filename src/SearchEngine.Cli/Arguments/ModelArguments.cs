using System.CommandLine;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Arguments;

/// <summary>The options that choose a model and how it runs. Resolving them touches no native library.</summary>
internal sealed class ModelArguments
{
    private readonly bool _complete;

    private readonly Option<string?> _model = new("--model")
    {
        Description = "The embedding model's folder (default: the shipped models/default)",
        HelpName = "DIR",
    };

    private readonly Option<string?> _device = Choice("--device", "Where the model runs", "auto", "cpu", "cuda");
    private readonly Option<string?> _dataType = Choice(
        "--dtype",
        "The weights' type in memory",
        "auto",
        "float32",
        "bfloat16",
        "float16",
        "int8"
    );
    private readonly Option<string?> _attention = Choice("--attention", "In place of what the folder says", "causal", "bidirectional");
    private readonly Option<string?> _pooling = Choice(
        "--pooling",
        "In place of what the folder says",
        "mean",
        "weighted_mean",
        "last",
        "first"
    );
    private readonly Option<bool> _noNormalize = new("--no-normalize") { Description = "Leave vectors at the length that pooling gives" };
    private readonly Option<string?> _instruction = new("--instruction")
    {
        Description = "Put in front of queries (embed: of every line), as LLM2Vec does",
        HelpName = "TEXT",
    };
    private readonly Option<string[]> _adapters = new("--adapter")
    {
        Description = "A LoRA adapter's folder, put on the model; repeatable, in order",
        HelpName = "DIR",
    };

    /// <param name="complete">With the options that change the vectors (embed, eval), beside those that say which model and where it
    /// runs.</param>
    public ModelArguments(bool complete) => _complete = complete;

    public void AddTo(Command command)
    {
        command.Add(_model);
        command.Add(_device);
        command.Add(_dataType);
        if (!_complete)
            return;
        command.Add(_adapters);
        command.Add(_attention);
        command.Add(_pooling);
        command.Add(_noNormalize);
        command.Add(_instruction);
    }

    public ModelPlan Resolve(ParseResult parsed, Settings settings, int? dimensions = null)
    {
        var folder = parsed.GetValue(_model) ?? settings.Model;
        return new ModelPlan
        {
            Folder = string.IsNullOrWhiteSpace(folder) ? DefaultModel.Find() : Path.GetFullPath(folder),
            Device = parsed.GetValue(_device) ?? settings.Embedding.Device,
            DataType = parsed.GetValue(_dataType) ?? settings.Embedding.DataType,
            MaxLength = settings.Embedding.MaxLength,
            Dimensions = dimensions ?? settings.Embedding.Dimensions,
            Adapters = _complete ? parsed.GetValue(_adapters) ?? [] : [],
            Attention = _complete ? parsed.GetValue(_attention) : null,
            Pooling = _complete ? parsed.GetValue(_pooling) : null,
            Normalize = !_complete || !parsed.GetValue(_noNormalize),
            Instruction = _complete ? parsed.GetValue(_instruction) : null,
            WeightCache = settings.Embedding.ToWeightCache(),
        };
    }

    private static Option<string?> Choice(string name, string description, params string[] values) =>
        Choices.Of(name, $"{description}: {string.Join(", ", values)}", values);
}
