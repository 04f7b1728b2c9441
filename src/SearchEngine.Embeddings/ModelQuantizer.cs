using SearchEngine.Embeddings.Cpu;
using SearchEngine.Embeddings.Cpu.Packing;
using SearchEngine.Embeddings.Model;
using SearchEngine.Embeddings.Weights;

namespace SearchEngine.Embeddings;

/// <summary>Makes model folders whose weights are in eight or four bits.</summary>
public static class ModelQuantizer
{
    private const string WeightsFile = "model.safetensors";
    private const string ConfigFile = "config.json";

    /// <summary>Endings of the files beside the weights that a model's folder needs, or that tell people of it.</summary>
    private static readonly HashSet<string> KeptEndings = new(StringComparer.OrdinalIgnoreCase)
    {
        ".json",
        ".txt",
        ".md",
        ".model",
        ".tiktoken",
        ".jinja",
    };

    /// <summary>
    /// Writes a model with its linear maps' weights and its token table quantized, symmetric and by rows. Eight-bit maps are exactly those
    /// that a float model gets when it is loaded as int8, laid out as the kernels read them; loading maps the file and converts nothing. All
    /// else is copied. The output folder appears complete or not at all.
    /// </summary>
    /// <param name="path">A model folder as in <see cref="Llm2VecOptions.ModelPath"/>, without adapters.</param>
    /// <param name="output">A folder that does not exist yet, or is empty.</param>
    /// <param name="bits">8 or 4; weights whose rows are no whole groups of 32 get 8 in any case.</param>
    /// <param name="keepTable">Leaves the token table as it is.</param>
    /// <exception cref="ModelFormatException">The folder is damaged, incomplete or not supported, has adapters, is quantized already, or a
    /// weight is not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Bits are neither 8 nor 4.</exception>
    /// <exception cref="IOException">The output folder holds files already, or cannot be written.</exception>
    public static void Quantize(string path, string output, int bits = 8, bool keepTable = false)
    {
        if (bits is not (8 or 4))
            throw new ArgumentOutOfRangeException(nameof(bits), bits, "Weights are quantized to 8 or to 4 bits.");
        var folder = ModelFolder.Read(path);
        if (folder.Adapters.Count > 0)
        {
            throw new ModelFormatException(
                folder.Path,
                "the folder has adapters; merge them first (`searchengine model merge`), and quantize what comes out."
            );
        }
        if (WeightQuantization.Read(folder.BaseFolder) is { } already)
        {
            throw new ModelFormatException(
                folder.Path,
                $"the weights are quantized to {already.Bits} bits already; quantize the float model."
            );
        }
        var config = ModelConfigReader.Read(folder.BaseFolder);
        var place = Path.GetRelativePath(folder.Path, folder.BaseFolder);
        if (place.StartsWith("..", StringComparison.Ordinal) || Path.IsPathRooted(place))
            throw new ModelFormatException(folder.Path, $"its weights lie outside, in {folder.BaseFolder}; quantize that folder.");
        OutputFolder.Write(
            output,
            temporary =>
            {
                CopyOthers(folder, temporary);
                var target = Path.GetFullPath(place, temporary);
                Directory.CreateDirectory(target);
                WriteWeights(folder.BaseFolder, config, target, bits, keepTable);
                JsonFile.Edit(
                    Path.Combine(folder.BaseFolder, ConfigFile),
                    Path.Combine(target, ConfigFile),
                    config => config[WeightQuantization.Field] = new WeightQuantization(bits, keepTable ? null : bits).ToJson()
                );
            }
        );
    }

    private static void WriteWeights(string source, IModelConfig config, string target, int bits, bool keepTable)
    {
        using var weights = SafetensorsSet.Open(source);
        using WeightQuantizer quantizer = new(weights);
        (var encoder, var names) = config switch
        {
            BertConfig bert => (bert.Open(weights), BertConfig.Tensors(bert)),
            ModernBertConfig modern => (modern.Open(weights), ModernBertConfig.Tensors(modern)),
            _ => ((EncoderWeights?)null, DecoderShape.Tensors((DecoderConfig)config, withHead: false)),
        };
        if (encoder is null)
            DecoderCheckpoint.Check((DecoderConfig)config, weights);
        var int4 = bits == 4;
        Dictionary<string, IReadOnlyList<SafetensorsTensor>> quantized = new(StringComparer.Ordinal);
        var first = true;
        foreach ((var name, var shape) in names)
        {
            var entry = encoder?.Entry(name) ?? DecoderCheckpoint.Get(weights, name);
            if (first && !keepTable)
            {
                quantized.Add(entry.Name, quantizer.Table(entry, int4));
            }
            else if (!first && shape.Length == 2 && PackedSource.IsOfLayer(name) && WeightQuantizer.Fits(entry))
            {
                var magnitudes = encoder is null ? null : CpuMagnitudes.OfInputs(encoder, name[..^".weight".Length]);
                quantized.Add(entry.Name, quantizer.Map(entry, int4, magnitudes));
            }
            first = false; // the token table comes first in every architecture
        }
        SafetensorsTensor[] all =
        [
            .. weights.Stored.Values.SelectMany(entry =>
                quantized.TryGetValue(entry.Name, out var parts)
                    ? parts
                    : [SafetensorsTensor.FromPointer(entry.Name, entry.DataType, entry.Shape, weights.Pointer(entry), entry.Length)]
            ),
        ];
        SafetensorsWriter.Write(
            Path.Combine(target, WeightsFile),
            all,
            new Dictionary<string, string> { ["format"] = WeightQuantization.Method }
        );
    }

    /// <summary>Tokenizer, pooling, prompts and what else is not the weights; of Dense modules those too.</summary>
    private static void CopyOthers(ModelFolder folder, string target)
    {
        var index = WeightsFile + ".index.json";
        HashSet<string> dense = [.. folder.DenseFolders.Select(Path.GetFullPath)];
        var depth = folder.IsSentenceTransformers ? SearchOption.AllDirectories : SearchOption.TopDirectoryOnly;
        foreach (var file in Directory.EnumerateFiles(folder.Path, "*", depth))
        {
            var kept = KeptEndings.Contains(Path.GetExtension(file))
                ? Path.GetFileName(file) != index
                : Path.GetFileName(file) == WeightsFile && dense.Contains(Path.GetDirectoryName(Path.GetFullPath(file))!);
            if (!kept)
                continue;
            var copy = Path.Combine(target, Path.GetRelativePath(folder.Path, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
