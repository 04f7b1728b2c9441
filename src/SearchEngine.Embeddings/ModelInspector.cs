using System.Globalization;
using SearchEngine.Embeddings.Cpu;
using SearchEngine.Embeddings.Cpu.EightBit;
using SearchEngine.Embeddings.Cpu.Packing;
using SearchEngine.Embeddings.Model;
using SearchEngine.Embeddings.Weights;

namespace SearchEngine.Embeddings;

/// <summary>What was understood of a model folder.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Layout">"plain", "adapter" or "sentence-transformers".</param>
/// <param name="Architecture">The model_type of config.json.</param>
/// <param name="Properties">Names and values in the order to be shown.</param>
public sealed record ModelDescription(
    string Path,
    string Layout,
    string Architecture,
    IReadOnlyList<KeyValuePair<string, string>> Properties
);

/// <summary>Reads a model folder without loading its weights; of quantized ones it verifies the sums stored beside.</summary>
public static class ModelInspector
{
    /// <summary>Reads and checks configuration, weights' headers, adapters and tokenizer.</summary>
    /// <param name="path">A folder as in <see cref="Llm2VecOptions.ModelPath"/>.</param>
    /// <exception cref="ModelFormatException">Something is missing, damaged or not supported; the message says what and where.</exception>
    public static ModelDescription Inspect(string path) => Inspect(path, new WeightCacheOptions());

    /// <inheritdoc cref="Inspect(string)"/>
    /// <param name="path">A folder as in <see cref="Llm2VecOptions.ModelPath"/>.</param>
    /// <param name="weightCache">Where it is looked whether the weights are there as the kernels read them.</param>
    public static ModelDescription Inspect(string path, WeightCacheOptions weightCache)
    {
        ArgumentNullException.ThrowIfNull(weightCache);
        var folder = ModelFolder.Read(path);
        var config = ModelConfigReader.Read(folder.BaseFolder);
        List<KeyValuePair<string, string>> properties = [];
        void Add(string name, object value) => properties.Add(new(name, Convert.ToString(value, CultureInfo.InvariantCulture)!));

        Add("layout", folder.Layout);
        Add("base", folder.BaseFolder);
        foreach (var adapter in folder.Adapters)
        {
            var lora = PeftAdapter.Open(adapter);
            Add("adapter", string.Create(CultureInfo.InvariantCulture, $"{adapter} (LoRA rank {lora.Rank}, scale {lora.Scale})"));
        }
        Add("architecture", config.ModelType);
        Add("parameters", config.ParameterCount);
        Add("vocabulary", config.VocabularySize);
        Add("hidden size", config.HiddenSize);
        foreach (
            (var name, var value) in config switch
            {
                DecoderConfig decoder => Describe(decoder),
                BertConfig bert => Describe(bert),
                ModernBertConfig modern => Describe(modern),
                _ => [],
            }
        )
        {
            Add(name, value);
        }
        using (var weights = SafetensorsSet.Open(folder.BaseFolder))
        {
            var types = string.Join(
                ", ",
                weights.Stored.Values.GroupBy(e => e.DataType).OrderByDescending(g => g.Sum(e => e.Length)).Select(g => g.Key.FormatName())
            );
            Add(
                "weights",
                $"{weights.Files.Count} file(s), {weights.Stored.Count} tensors, {weights.Stored.Values.Sum(e => e.Length)} bytes, {types}"
            );
            if (config is DecoderConfig decoder)
                DecoderCheckpoint.Check(decoder, weights);
            else if (config is BertConfig bert)
                bert.Open(weights);
            else if (config is ModernBertConfig modern)
                modern.Open(weights);
            if (WeightQuantization.Read(folder.BaseFolder) is { } quantization)
            {
                foreach (var entry in weights.Entries.Values.OfType<QuantizedEntry>())
                    QuantizedReader.Verify(weights, entry);
                Add(
                    "quantized",
                    $"linear maps to {quantization.Bits} bits, token table "
                        + (quantization.TableBits is int bits ? $"to {bits} bits" : "as it was")
                        + "; runs as int8 on a CPU"
                );
            }
        }
        if (folder.TokenizerFolder is null)
        {
            Add("tokenizer", "none: only token ids can be embedded");
        }
        else
        {
            var tokenizer = TextTokenizer.Load(folder.TokenizerFolder);
            tokenizer.CheckModel(folder.TokenizerFolder, config.VocabularySize);
            Add(
                "tokenizer",
                $"{tokenizer.VocabularySize} tokens, {tokenizer.Template.Before.Length} before and {tokenizer.Template.After.Length} behind each text"
            );
        }
        Add("attention", folder.AttentionFor(config).ToString().ToLowerInvariant());
        Add("pooling", folder.Pooling.Name());
        Add("normalized", folder.Normalize ?? true);
        Add("maximum length", config.EndsAtLongest ? Math.Min(folder.MaxLength, config.LongestSequence) : folder.MaxLength);
        if (folder.DocumentMaxLength is int textLimit)
            Add("maximum length of text", textLimit);
        Add("instruction tokens pooled", !folder.SkipInstruction);
        if (folder.TextBefore.Length > 0)
            Add("chat markers", $"{folder.TextBefore.Trim()} … {folder.TextBehind.Trim()}");
        if (folder.QueryPrompt.Length > 0)
            Add("query prompt", folder.QueryPrompt);
        if (folder.DocumentPrompt.Length > 0)
            Add("document prompt", folder.DocumentPrompt);
        var dimension = config.HiddenSize;
        foreach (var dense in folder.DenseFolders)
        {
            var layer = DenseLayer.Load(dense);
            Add("dense layer", $"{layer.Inputs} to {layer.Outputs}");
            dimension = layer.Outputs;
        }
        Add("dimension", dimension);
        if (folder.Dimensions.Count > 0)
            Add("trained dimensions", string.Join(", ", folder.Dimensions));
        Add("kernels on this CPU", $"float32 {FloatKernels.Best.Name}, int8 {Int8Kernels.Best.Name}");
        foreach (var int8 in WeightQuantization.Read(folder.BaseFolder) is null ? (bool[])[false, true] : [true])
        {
            Add(
                $"packed {(int8 ? "int8" : "float32")} weights",
                PackedLoader.Describe(new PackedSource(folder, config, int8), weightCache)
            );
        }
        return new ModelDescription(folder.Path, folder.Layout, config.ModelType, properties);
    }

    private static IEnumerable<(string Name, object Value)> Describe(DecoderConfig config)
    {
        yield return ("feed-forward size", config.IntermediateSize);
        yield return ("layers", config.Layers);
        yield return ("heads", $"{config.Heads} queries, {config.KeyValueHeads} keys and values, of {config.HeadSize} elements");
        yield return ("rotary embedding", DescribeRope(config));
        yield return ("norm epsilon", config.NormEpsilon);
        yield return ("LM head", config.TieWordEmbeddings ? "tied to the embedding" : "separate");
        string[] traits = [.. Traits(config)];
        if (traits.Length > 0)
            yield return ("traits", string.Join(", ", traits));
    }

    private static IEnumerable<(string Name, object Value)> Describe(BertConfig config) =>
        [
            ("feed-forward size", config.IntermediateSize),
            ("layers", config.Layers),
            ("heads", $"{config.Heads} of {config.HeadSize} elements"),
            ("positions", config.LongestSequence),
            ("norm epsilon", config.NormEpsilon),
        ];

    private static IEnumerable<(string Name, object Value)> Describe(ModernBertConfig config) =>
        [
            ("feed-forward size", config.IntermediateSize),
            ("layers", $"{config.Layers}, over the whole text in {config.GlobalLayers}, elsewhere {config.Reach} tokens to both sides"),
            ("heads", $"{config.Heads} of {config.HeadSize} elements"),
            (
                "rotary embedding",
                string.Create(CultureInfo.InvariantCulture, $"base {config.GlobalTheta}, {config.LocalTheta} in windowed layers")
            ),
            ("norm epsilon", config.NormEpsilon),
        ];

    private static string DescribeRope(DecoderConfig config) =>
        string.Create(CultureInfo.InvariantCulture, $"base {config.RopeTheta}")
        + (
            config.RopeScaling is RopeScaling scaling
                ? string.Create(CultureInfo.InvariantCulture, $", {scaling.Kind.ToString().ToLowerInvariant()} scaling by {scaling.Factor}")
                : ""
        )
        + (config.LocalRopeTheta is double local ? string.Create(CultureInfo.InvariantCulture, $", {local} in windowed layers") : "");

    private static IEnumerable<string> Traits(DecoderConfig config)
    {
        if (config.AttentionBias)
            yield return "attention biases";
        if (config.QueryKeyNorm)
            yield return "query and key norms";
        if (config.AttentionSoftcap is not null)
            yield return "capped attention scores";
        if (config.SlidingWindow is int window)
            yield return $"sliding window of {window} tokens when causal";
        if (config.TwoSidedWindow)
            yield return "two-sided window";
    }
}
