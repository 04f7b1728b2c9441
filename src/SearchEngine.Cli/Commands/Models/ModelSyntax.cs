using System.CommandLine;
using SearchEngine.Cli.Arguments;
using SearchEngine.Cli.Output;
using SearchEngine.Embeddings;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Models;

/// <summary><c>searchengine model inspect|merge|quantize|cache</c>.</summary>
internal static class ModelSyntax
{
    public static Command Build(CliConsole console) =>
        new("model", "Inspect model folders, merge adapters into them, make them smaller, and see what is kept of them")
        {
            Inspect(console),
            Merge(console),
            Quantize(console),
            Cache(console),
        };

    private static Command Inspect(CliConsole console)
    {
        var folder = new Argument<string>("DIR")
        {
            Description = "A model's folder (default: the shipped models/default)",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var json = CommonOptions.Json();
        var command = new Command("inspect", "Show what is understood of a model's folder, without loading its weights") { folder, json };
        command.SetAction(parsed =>
            new ModelInspectCommand(console).Run(
                parsed.GetValue(folder) is { } named ? Path.GetFullPath(named) : DefaultModel.Find(),
                SettingsLoader.Load().Embedding.ToWeightCache(),
                parsed.GetValue(json)
            )
        );
        return command;
    }

    private static Command Merge(CliConsole console)
    {
        var model = new Argument<string>("BASE") { Description = "The model's folder" };
        var adapters = new Argument<string[]>("ADAPTER")
        {
            Description = "LoRA adapters' folders, put on in this order",
            Arity = ArgumentArity.OneOrMore,
        };
        var output = new Option<string>("--output")
        {
            Description = "The folder to make",
            HelpName = "DIR",
            Required = true,
        };
        var command = new Command("merge", "Write a stand-alone model with adapters merged into its weights") { model, adapters, output };
        command.SetAction(parsed =>
        {
            var target = parsed.GetRequiredValue(output);
            var folders = parsed.GetRequiredValue(adapters);
            foreach (var folder in folders.Prepend(parsed.GetRequiredValue(model)))
            {
                if (!Directory.Exists(folder))
                    throw new HostException($"There is no folder {folder}.");
            }

            ModelMerger.Merge(parsed.GetRequiredValue(model), folders, target);
            console.Out.WriteLine(target);
            return ExitCode.Success;
        });
        return command;
    }

    private static Command Quantize(CliConsole console)
    {
        var model = new Argument<string>("DIR") { Description = "The model's folder, with float weights" };
        var output = new Argument<string>("OUTPUT") { Description = "The folder to make" };
        var bits = Choices.Of("--bits", "Bits of a weight (default: 8)", "8", "4");
        var keepTable = new Option<bool>("--keep-table") { Description = "Leave the token table as it is" };
        var command = new Command("quantize", "Write a model with its weights in eight or four bits, which loads without conversion")
        {
            model,
            output,
            bits,
            keepTable,
        };
        command.SetAction(parsed =>
        {
            var source = parsed.GetRequiredValue(model);
            var target = parsed.GetRequiredValue(output);
            if (!Directory.Exists(source))
                throw new HostException($"There is no model folder {source}.");
            ModelQuantizer.Quantize(source, target, parsed.GetValue(bits) == "4" ? 4 : 8, parsed.GetValue(keepTable));
            console.Out.WriteLine(target);
            return ExitCode.Success;
        });
        return command;
    }

    private static Command Cache(CliConsole console)
    {
        var clear = new Option<bool>("--clear") { Description = "Remove all of it; the next loading makes it anew" };
        var json = CommonOptions.Json();
        var command = new Command("cache", "Show what is kept of models so that they load faster, or remove it") { clear, json };
        command.SetAction(parsed =>
            new ModelCacheCommand(console).Run(
                SettingsLoader.Load().Embedding.ToWeightCache(),
                parsed.GetValue(clear),
                parsed.GetValue(json)
            )
        );
        return command;
    }
}
