using SearchEngine.Cli.Output;
using SearchEngine.Embeddings;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Models;

/// <summary>Shows what was understood of a model's folder.</summary>
internal sealed class ModelInspectCommand(CliConsole console)
{
    public int Run(string folder, WeightCacheOptions weightCache, bool asJson)
    {
        if (!Directory.Exists(folder))
            throw new HostException($"There is no model folder {folder}.");
        var model = ModelInspector.Inspect(folder, weightCache);
        if (asJson)
        {
            // A name may come twice (adapters): the list keeps the order and all of them.
            console.WriteJson(
                new
                {
                    path = model.Path,
                    layout = model.Layout,
                    architecture = model.Architecture,
                    properties = model.Properties.Select(property => new { name = property.Key, value = property.Value }),
                }
            );
            return ExitCode.Success;
        }

        var width = model.Properties.Max(property => property.Key.Length);
        foreach (var (name, value) in model.Properties)
            console.Out.WriteLine($"{name.PadRight(width)}  {value}");
        return ExitCode.Success;
    }
}
