namespace SearchEngine.Embeddings.Model;

/// <summary>What the configuration of any architecture tells: the shape of what goes in and comes out.</summary>
internal interface IModelConfig
{
    /// <summary>The <c>model_type</c> of config.json.</summary>
    string ModelType { get; }

    /// <summary>Rows of the token embedding.</summary>
    int VocabularySize { get; }

    /// <summary>Elements of a hidden state, and of a pooled vector.</summary>
    int HiddenSize { get; }

    /// <summary>Number of layers.</summary>
    int Layers { get; }

    /// <summary>The longest sequence that the checkpoint claims to handle, in tokens, template included.</summary>
    int LongestSequence { get; }

    /// <summary>
    /// True if sequences longer than <see cref="LongestSequence"/> cannot be computed: their positions have no embedding, or no angle.
    /// </summary>
    bool EndsAtLongest { get; }

    /// <summary>Number of parameters, an LM head counted only if it is separate.</summary>
    long ParameterCount { get; }

    /// <summary>Every field that vectors depend on, as text; part of a model's fingerprint.</summary>
    string Identity { get; }
}
