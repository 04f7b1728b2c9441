namespace SearchEngine.Embeddings;

/// <summary>Finds the ids of special tokens: by the configuration's text, then by the vocabulary file, then by config.json's id.</summary>
internal sealed class SpecialTokens(TokenizerConfiguration configuration, TokenVocabulary vocabulary)
{
    /// <summary>The id of a role such as "bos_token", or null. The token is marked special, except the unknown one.</summary>
    /// <param name="role">"bos_token", "eos_token", "pad_token", "unk_token" or "mask_token".</param>
    /// <param name="own">The id that the vocabulary file itself gives, or -1.</param>
    /// <exception cref="ModelFormatException">The configuration names a token that the vocabulary does not have.</exception>
    public int? Id(string role, int own)
    {
        int? id;
        if (configuration.Token(role) is { Length: > 0 } text)
        {
            id =
                vocabulary.Id(text)
                ?? throw new ModelFormatException(
                    configuration.Folder,
                    $"the configuration's {role} '{text}' is not in the vocabulary; the files belong to different models."
                );
        }
        else
        {
            id = own >= 0 ? own : configuration.ModelId(role + "_id");
            // config.json often has ids that only the model's own tokenizer would give a meaning to.
            if (id is int value && vocabulary.Text(value) is null)
                id = null;
        }
        if (id is int special && role != "unk_token")
            vocabulary.MarkSpecial(special);
        return id;
    }

    /// <summary>The template of BOS and EOS.</summary>
    /// <exception cref="ModelFormatException">A token is asked for that the vocabulary does not have.</exception>
    public TokenTemplate Template(int? bos, int? eos, bool addBosByDefault, bool addEosByDefault) =>
        new(
            Part("add_bos_token", configuration.AddBos, addBosByDefault, bos),
            Part("add_eos_token", configuration.AddEos, addEosByDefault, eos)
        );

    private int[] Part(string flag, bool? asked, bool byDefault, int? id)
    {
        if (!(asked ?? byDefault))
            return [];
        if (id is int token)
            return [token];
        return asked is null
            ? []
            : throw new ModelFormatException(
                configuration.ConfigPath,
                $"'{flag}' is true, but neither the files nor the vocabulary name that token."
            );
    }
}
