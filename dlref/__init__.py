"""The reference code behind Deep Learning Notes, and the machinery that executes its snippets.

The map, one line a module:

    checks        shapes, dtypes and labels of what comes in
    activations   sigmoid, tanh, ReLU and what came after, from their equations
    losses        squared error, cross-entropy, hinge, CTC and others
    initializers  the weights that a network starts from
    layers        linear, dropout, batch and layer normalisation, embedding
    convolution   convolution, pooling, sizes and receptive fields
    recurrent     RNN, LSTM and GRU
    attention     attention, and the Transformer's block
    networks      MLP, LeNet, ResNet, CharLSTM and GPT, made of the above
    autograd      reverse-mode differentiation of single numbers
    optimizers    from gradient descent to AdamW, clipping and schedules
    training      one plain loop for every training run
    data          the data sets of the pages as tensors, nothing downloaded
    metrics       accuracy, ROC and others, mostly scikit-learn's
    detection     overlap of boxes, suppression, average precision
    plots         figures from arrays
    site          runs every snippet of the site and turns the results into pages

Importing `dlref` imports nothing else: a snippet depends only on the modules that it uses.
"""

__version__ = "0.1.0"
