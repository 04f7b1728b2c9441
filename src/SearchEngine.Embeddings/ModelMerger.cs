using SearchEngine.Embeddings.Cpu;
using SearchEngine.Embeddings.Weights;

namespace SearchEngine.Embeddings;

/// <summary>Makes stand-alone model folders out of a base model and adapters.</summary>
public static class ModelMerger
{
    private static readonly string[] TokenizerFiles =
    [
        "tokenizer.json",
        "tokenizer.model",
        "tokenizer_config.json",
        "special_tokens_map.json",
        "added_tokens.json",
        "vocab.json",
        "merges.txt",
        "chat_template.jinja",
    ];

    /// <summary>
    /// Adds LoRA adapters to a model's weights, W' = W + scale · B·A each in order, computed in float32, and writes a folder that loads by
    /// itself: config.json, model.safetensors in the base's own data type, tokenizer files, and llm2vec_config.json with how its vectors
    /// are made. The output folder appears complete or not at all.
    /// </summary>
    /// <param name="basePath">A model folder as in <see cref="Llm2VecOptions.ModelPath"/>, whose own adapters go first.</param>
    /// <param name="adapters">PEFT folders, in order.</param>
    /// <param name="output">A folder that does not exist yet, or is empty.</param>
    /// <exception cref="ModelFormatException">A folder is damaged, incomplete or not supported, or an adapter is for another
    /// model.</exception>
    /// <exception cref="IOException">The output folder holds files already, or cannot be written.</exception>
    public static void Merge(string basePath, IReadOnlyList<string> adapters, string output)
    {
        ArgumentNullException.ThrowIfNull(adapters);
        ArgumentException.ThrowIfNullOrWhiteSpace(output);
        var folder = ModelFolder.Read(basePath);
        folder = folder with { Adapters = [.. folder.Adapters, .. adapters.Select(Path.GetFullPath)] };
        if (folder.DenseFolders.Count > 0)
        {
            throw new ModelFormatException(
                folder.Path,
                "a sentence-transformers folder with Dense modules cannot be merged into a plain folder."
            );
        }
        WeightQuantization.RefuseAdapters(folder);
        var config = DecoderConfigReader.Read(folder.BaseFolder);
        OutputFolder.Write(
            output,
            temporary =>
            {
                WriteWeights(folder, config, temporary);
                if (folder.ChatModel is string chatModel)
                {
                    // The chat markers of a model are found by this name.
                    var written = Path.Combine(temporary, "config.json");
                    JsonFile.Edit(written, written, fields => fields["_name_or_path"] = chatModel);
                }
                CopyTokenizer(folder, temporary);
                new Llm2VecConfig
                {
                    Pooling = folder.Pooling,
                    MaxLength = folder.MaxLength,
                    DocumentMaxLength = folder.DocumentMaxLength,
                    SkipInstruction = folder.SkipInstruction,
                    Bidirectional = folder.AttentionFor(config) == AttentionMode.Bidirectional,
                    Normalize = folder.Normalize,
                    QueryPrompt = folder.QueryPrompt.Length > 0 ? folder.QueryPrompt : null,
                    DocumentPrompt = folder.DocumentPrompt.Length > 0 ? folder.DocumentPrompt : null,
                    Dimensions = folder.Dimensions.Count > 0 ? folder.Dimensions : null,
                }.Write(temporary);
            }
        );
    }

    /// <summary>Writes config.json and model.safetensors, one tensor in memory at a time.</summary>
    private static unsafe void WriteWeights(ModelFolder folder, DecoderConfig config, string target)
    {
        using var weights = SafetensorsSet.Open(folder.BaseFolder);
        var type = DecoderCheckpoint.FileType(weights);
        var hasHead = weights.Entries.ContainsKey("lm_head.weight");
        using MergedCheckpoint merged = new(folder, config, hasHead);
        using AlignedBuffer tensor = new();
        SafetensorsTensor[] tensors =
        [
            .. DecoderShape
                .Tensors(config, hasHead)
                .Select(t => new SafetensorsTensor(
                    t.Name,
                    type,
                    t.Shape,
                    stream => Write(t.Name, t.Shape.Aggregate(1L, (a, b) => a * b), stream)
                )),
        ];
        SafetensorsWriter.Write(Path.Combine(target, "model.safetensors"), tensors, new Dictionary<string, string> { ["format"] = "pt" });
        DecoderConfigWriter.Write(config, target, type);

        void Write(string name, long elements, Stream stream)
        {
            var start = tensor.Reserve((nint)elements);
            merged.Read(name, start);
            WeightWriter.Write(start, elements, type, stream);
        }
    }

    private static void CopyTokenizer(ModelFolder folder, string target)
    {
        if (folder.TokenizerFolder is not string source)
            return;
        foreach (
            var file in TokenizerFiles
                .Select(name => Path.Combine(source, name))
                .Where(File.Exists)
                .Concat(Directory.EnumerateFiles(source, "*.tiktoken"))
        )
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }
    }
}
