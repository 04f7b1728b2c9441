using System.Text.Json;
using SearchEngine.Embeddings;
using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Training;

/// <summary>Writes a trained decoder as a folder that loads by itself: weights, config.json, tokenizer and the LLM2Vec settings.</summary>
internal static class ModelFolder
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>The type weights ship in: half the size of float32, and ten bits of mantissa against bfloat16's seven.</summary>
    private const ScalarType FileType = ScalarType.Float16;

    public static void Save(DecoderModel model, string tokenizerPath, string folder)
    {
        Directory.CreateDirectory(folder);
        CheckpointWriter.Save(model, folder, FileType);
        var tokenizer = Path.Combine(folder, "tokenizer.model");
        if (Path.GetFullPath(tokenizerPath) != Path.GetFullPath(tokenizer))
            File.Copy(tokenizerPath, tokenizer, overwrite: true);
        CopyOrWrite(tokenizerPath, folder, "tokenizer_config.json", new Dictionary<string, object>
        {
            ["tokenizer_class"] = "LlamaTokenizer",
            ["add_bos_token"] = false,
            ["add_eos_token"] = false,
            ["bos_token"] = "<s>",
            ["eos_token"] = "</s>",
            ["unk_token"] = "<unk>",
            ["legacy"] = false,
            ["model_max_length"] = model.Config.MaxPositions,
        });
        CopyOrWrite(tokenizerPath, folder, "llm2vec_config.json", new Dictionary<string, object>
        {
            ["pooling_mode"] = "mean",
            ["max_length"] = 512,
            ["doc_max_length"] = 512,
            ["skip_instruction"] = true,
        });
    }

    /// <summary>The settings of the base model where it has them, ours where it has none.</summary>
    private static void CopyOrWrite(string tokenizerPath, string folder, string name, Dictionary<string, object> standard)
    {
        var from = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(tokenizerPath))!, name);
        var to = Path.Combine(folder, name);
        if (File.Exists(from))
        {
            if (from != to)
                File.Copy(from, to, overwrite: true);
        }
        else
        {
            File.WriteAllText(to, JsonSerializer.Serialize(standard, Indented) + "\n");
        }
    }
}
