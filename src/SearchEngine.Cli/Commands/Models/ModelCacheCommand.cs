using System.Globalization;
using SearchEngine.Cli.Output;
using SearchEngine.Embeddings;

namespace SearchEngine.Cli.Commands.Models;

/// <summary>Shows or removes the weights that are kept as the kernels read them.</summary>
internal sealed class ModelCacheCommand(CliConsole console)
{
    public int Run(WeightCacheOptions cache, bool clear, bool asJson)
    {
        if (clear)
        {
            var freed = WeightCache.Clear(cache);
            if (asJson)
                console.WriteJson(new { freed });
            else
                console.Out.WriteLine($"{Format.Bytes(freed)} freed");
            return ExitCode.Success;
        }

        var files = WeightCache.List(cache);
        if (asJson)
        {
            console.WriteJson(
                files.Select(file => new
                {
                    path = file.Path,
                    model = file.Model,
                    form = file.Form,
                    bytes = file.Bytes,
                    lastUsed = file.LastUsed,
                })
            );
            return ExitCode.Success;
        }

        foreach (var file in files)
        {
            console.Out.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Format.Bytes(file.Bytes), -9} {file.LastUsed.ToLocalTime():yyyy-MM-dd HH:mm} {file.Model} {file.Form} {file.Path}"
                )
            );
        }
        console.WriteDiagnostic($"{Format.Count(files.Count, "file")}, {Format.Bytes(files.Sum(file => file.Bytes))}");
        return ExitCode.Success;
    }
}
