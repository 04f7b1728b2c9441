using System.Text.Json;
using SearchEngine.Embeddings;
using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Training;

/// <summary>Writes a trained decoder as a folder that loads by itself: weights, config.json, tokenizer and the LLM2Vec settings.</summary>
internal static class TrainedModelFolder
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private const string TokenizerConfig = "tokenizer_config.json";

    /// <summary>The type weights ship in: half the size of float32, and ten bits of mantissa against bfloat16's seven.</summary>
    private const ScalarType FileType = ScalarType.Float16;

    public static void Save(DecoderModel model, string baseFolder, string folder, Llm2VecConfig settings)
    {
        Directory.CreateDirectory(folder);
        CheckpointWriter.Save(model, folder, FileType);
        foreach (var name in (string[])["tokenizer.model", "tokenizer.json", "special_tokens_map.json", "added_tokens.json"])
            Copy(baseFolder, folder, name);
        if (!Copy(baseFolder, folder, TokenizerConfig))
            WriteTokenizerConfig(folder);
        settings.Write(folder);
    }

    /// <summary>Writes the adapter alone, as a PEFT folder that names its base by a path relative to itself.</summary>
    public static void SaveAdapter(DecoderModel model, string adapter, string baseFolder, string folder, Llm2VecConfig settings)
    {
        PeftAdapters.Save(model, adapter, folder, Path.GetRelativePath(folder, baseFolder));
        settings.Write(folder);
    }

    /// <summary>
    /// Writes the settings of a tokenizer of ours: no begin or end of sequence around a text, since mean pooling would only be diluted by
    /// their states.
    /// </summary>
    public static void WriteTokenizerConfig(string folder) =>
        File.WriteAllText(
            Path.Combine(folder, TokenizerConfig),
            JsonSerializer.Serialize(
                new Dictionary<string, object>
                {
                    ["tokenizer_class"] = "LlamaTokenizer",
                    ["add_bos_token"] = false,
                    ["add_eos_token"] = false,
                    ["bos_token"] = "<s>",
                    ["eos_token"] = "</s>",
                    ["unk_token"] = "<unk>",
                    ["legacy"] = false,
                },
                Indented
            ) + "\n"
        );

    private static bool Copy(string from, string to, string name)
    {
        var source = Path.GetFullPath(Path.Combine(from, name));
        var target = Path.GetFullPath(Path.Combine(to, name));
        if (!File.Exists(source))
            return false;
        if (source != target)
            File.Copy(source, target, overwrite: true);
        return true;
    }
}
